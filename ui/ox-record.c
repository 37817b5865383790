/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-record.h"

struct _OxRecord
{
  GObject parent_instance;

  gpointer       record, owner;
  GDestroyNotify clear;
  guint          at;
};

G_DEFINE_FINAL_TYPE (OxRecord, ox_record, G_TYPE_OBJECT)

static void
ox_record_finalize (GObject *object)
{
  OxRecord *self = OX_RECORD (object);

  g_atomic_rc_box_release_full (self->owner, self->clear);
  G_OBJECT_CLASS (ox_record_parent_class)->finalize (object);
}

static void
ox_record_class_init (OxRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_record_finalize;
}

static void
ox_record_init (OxRecord *self)
{
}

GListModel *
ox_record_list (GPtrArray *records, gpointer owner, GDestroyNotify clear)
{
  GListStore *store = g_list_store_new (OX_TYPE_RECORD);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < records->len; i++)
    {
      OxRecord *item = g_object_new (OX_TYPE_RECORD, NULL);

      item->record = g_ptr_array_index (records, i);
      item->owner = g_atomic_rc_box_acquire (owner);
      item->clear = clear;
      item->at = i;
      g_ptr_array_add (items, item);
    }
  if (items->len > 0)
    g_list_store_splice (store, 0, 0, items->pdata, items->len);
  return G_LIST_MODEL (store);
}

gpointer
ox_record_get (OxRecord *self)
{
  return self->record;
}

gpointer
ox_record_get_owner (OxRecord *self)
{
  return self->owner;
}

guint
ox_record_get_at (OxRecord *self)
{
  return self->at;
}
