/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* Changes of nodes, for this session only: the model stays as it is. They hold in every frame, from the node's next turn
 * on, and through restarts. (Changes of values are pins, see ox_session_pin().) */

typedef enum
{
  OX_PASS_NONE,       /* the node runs */
  OX_PASS_ZEROS,      /* its outputs are zeros of the type and shape they would have; sequences and optionals are empty */
  OX_PASS_IDENTITY,   /* its first output is an input of the same type, other outputs such inputs of the same shape, else zeros */
} OxPass;

/* The node is not run, not even looked up: it may be one that is not supported or that fails. @input: which one IDENTITY
 * takes; -1: the first that fits, of the same shape if there is one. The type and shape of an output is what the operator says
 * of the inputs it has, else that of @observed (OxType or NULL, one an output; may be NULL), else what the model declares. */
void          ox_session_pass            (OxSession *session, const OxNode *node, OxPass how, int input, GPtrArray *observed);
/* What such a turn would give in @frame now, which changes nothing. (transfer full) array of OxValue or NULL, one an output.
 * Errors: OX_ERROR_VALUE when an output's type or shape is not known, OX_ERROR_DTYPE when no input is of its type. */
GPtrArray    *ox_session_pass_try        (OxSession *session, OxFrame *frame, const OxNode *node, OxPass how, int input,
                                          GPtrArray *observed, GError **error);

/* Whether the operator takes these inputs (NULL: those in the frame), as far as its types and shapes say. What is not there
 * yet, and nodes with bodies, are taken as good. */
gboolean      ox_session_accepts         (OxSession *session, OxFrame *frame, const OxNode *node, OxValue *const *inputs,
                                          GError **error);

/* The kind of value that attribute @name of @node takes, set or not; OX_ATTR_UNDEFINED with OX_ERROR_MODEL if the operator or
 * function has no such one. */
OxAttrType    ox_session_attribute_type  (OxSession *session, const OxNode *node, const char *name, GError **error);
/* Puts a copy of @attribute in the place of the node's of this name, or takes that away (NULL). FALSE and nothing changed when
 * the operator does not take it so. Attributes that are graphs cannot be changed. */
gboolean      ox_session_set_attribute   (OxSession *session, const OxNode *node, const char *name, const OxAttribute *attribute,
                                          GError **error);
/* The attributes are those of the model again. */
void          ox_session_reset_attributes (OxSession *session, const OxNode *node);
/* The node with the attributes it runs with: itself, or a copy that lives as long as the session. */
const OxNode *ox_session_node            (OxSession *session, const OxNode *node);

/* Before going back to do turns again with changes: keeps what the last @turns turns gave, as far as the way back reaches. A
 * node that runs again in the same frame with inputs of the same bits then takes what it gave, which is the same to the bit,
 * random operators included. The bytes are part of ox_session_kept_bytes(). */
void          ox_session_keep_results    (OxSession *session, guint64 turns);
/* Drops kept results, those of the last turns first, while more than @bytes are kept altogether. */
void          ox_session_trim_results    (OxSession *session, gsize bytes);
void          ox_session_drop_results    (OxSession *session);
/* How many kernels ran since the session began. */
guint64       ox_session_kernels         (OxSession *session);

G_END_DECLS
