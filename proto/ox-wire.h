/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>
#include <protobuf-c/protobuf-c.h>

#include "core/ox-error.h"

G_BEGIN_DECLS

/* Reading a message without touching its bulk. protobuf-c copies every byte it unpacks, so the wire format is walked
 * first: the elements of tensors and the fields that are only kept are cut out and noted as (field, offset, length), and only
 * the rest is unpacked. The walk also bounds nesting and checks every length, so that protobuf-c sees nothing hostile. */

/* A piece of the file that was left where it is: the content of a tensor's data field; of a field that is only kept, all of it
 * with tag and length. */
typedef struct
{
  guint   field;
  guint64 offset, length;
} OxCut;

/* Unpacks @bytes as a @type without its bulk. Free with protobuf_c_message_free_unpacked (message, NULL). Errors:
 * OX_ERROR_FORMAT (message, field, byte), OX_ERROR_MEMORY. */
ProtobufCMessage *ox_wire_unpack      (GBytes *bytes, const ProtobufCMessageDescriptor *type,
                                       GCancellable *cancellable, GError **error);
/* The cuts of one message, in file order. (transfer full) array of OxCut, NULL for none. */
GArray           *ox_wire_cuts        (const ProtobufCMessage *message);
/* (transfer full) The fields of the message that this program does not know, as they were; NULL for none. */
GBytes           *ox_wire_unknown     (const ProtobufCMessage *message);

/* One varint; FALSE at the end of data or beyond ten bytes. */
gboolean          ox_wire_varint      (const guint8 **p, const guint8 *end, guint64 *value);

G_END_DECLS
