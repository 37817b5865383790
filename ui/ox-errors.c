/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-errors.h"

#include "debug/ox-node-errors.h"

/* The comparison, which items point into. */
typedef struct
{
  OxComparison *comparison;
} Shared;

struct _OxErrorItem
{
  GObject parent_instance;

  Shared                *shared;
  const OxComparedValue *value;
  guint                  at;
};

struct _OxErrors
{
  GObject parent_instance;

  Shared     *shared;
  GListStore *values;
  OxBars     *bars;
  guint       counts[OX_VERDICT_DIFFERS + 1];
};

G_DEFINE_FINAL_TYPE (OxErrorItem, ox_error_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE (OxErrors, ox_errors, G_TYPE_OBJECT)

static void
shared_clear (gpointer data)
{
  ox_comparison_free (((Shared *) data)->comparison);
}

static void
ox_error_item_finalize (GObject *object)
{
  g_atomic_rc_box_release_full (OX_ERROR_ITEM (object)->shared, shared_clear);
  G_OBJECT_CLASS (ox_error_item_parent_class)->finalize (object);
}

static void
ox_error_item_class_init (OxErrorItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_error_item_finalize;
}

static void
ox_error_item_init (OxErrorItem *self)
{
}

static void
ox_errors_finalize (GObject *object)
{
  OxErrors *self = OX_ERRORS (object);

  g_object_unref (self->values);
  g_object_unref (self->bars);
  g_atomic_rc_box_release_full (self->shared, shared_clear);
  G_OBJECT_CLASS (ox_errors_parent_class)->finalize (object);
}

static void
ox_errors_class_init (OxErrorsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_errors_finalize;
}

static void
ox_errors_init (OxErrors *self)
{
  self->values = g_list_store_new (OX_TYPE_ERROR_ITEM);
  self->bars = ox_bars_new ("own error", "through all",
                            "The largest error of each node against its largest value: a full bar is as large as the value, "
                            "a seventh less is a digit less. A flag marks the first node that differs by itself.");
}

static void
note (OxErrors *self, const OxComparedValue *value)
{
  double own, through;

  ox_compared_value_lengths (value, &own, &through);
  ox_bars_add (self->bars, value->node, own, through);
  self->counts[value->verdict]++;
}

OxErrors *
ox_errors_new (OxComparison *comparison)
{
  OxErrors *self = g_object_new (OX_TYPE_ERRORS, NULL);
  GPtrArray *values = ox_comparison_values (comparison);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  self->shared = g_atomic_rc_box_new0 (Shared);
  self->shared->comparison = comparison;
  for (guint i = 0; i < values->len; i++)
    {
      OxErrorItem *item = g_object_new (OX_TYPE_ERROR_ITEM, NULL);

      item->shared = g_atomic_rc_box_acquire (self->shared);
      item->value = g_ptr_array_index (values, i);
      item->at = i;
      note (self, item->value);
      g_ptr_array_add (items, item);
    }
  if (items->len > 0)
    g_list_store_splice (self->values, 0, 0, items->pdata, items->len);
  if (ox_comparison_first (comparison) != NULL)
    ox_bars_set_first (self->bars, ox_comparison_first (comparison)->node);
  return self;
}

OxComparison *
ox_errors_comparison (OxErrors *self)
{
  return self->shared->comparison;
}

GListModel *
ox_errors_values (OxErrors *self)
{
  return G_LIST_MODEL (self->values);
}

guint
ox_errors_count (OxErrors *self, OxVerdict verdict)
{
  return self->counts[verdict];
}

OxBars *
ox_errors_bars (OxErrors *self)
{
  return self->bars;
}

const OxComparedValue *
ox_error_item_value (OxErrorItem *self)
{
  return self->value;
}

const char *
ox_error_item_name (OxErrorItem *self)
{
  const OxComparedValue *value = self->value;

  return value->output < value->node->output_names->len ? g_ptr_array_index (value->node->output_names, value->output) : "";
}

guint
ox_error_item_at (OxErrorItem *self)
{
  return self->at;
}
