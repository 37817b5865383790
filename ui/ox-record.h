/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OX_TYPE_RECORD (ox_record_get_type ())
G_DECLARE_FINAL_TYPE (OxRecord, ox_record, OX, RECORD, GObject)

/* One of many things that something else owns, as an item of a list. */

/* An item for each of @records, in their order; each holds on to @owner, a g_atomic_rc_box whose last owner calls @clear.
 * (transfer full) */
GListModel *ox_record_list      (GPtrArray *records, gpointer owner, GDestroyNotify clear);
gpointer    ox_record_get       (OxRecord *self);
gpointer    ox_record_get_owner (OxRecord *self);
/* Its place among them. */
guint       ox_record_get_at    (OxRecord *self);

G_END_DECLS
