/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-breakpoint.h"
#include "debug/ox-edit.h"
#include "protocol/ox-protocol.h"

G_BEGIN_DECLS

#define OX_PROTOCOL_THREAD 1     /* the only one there is */

/* What a message asked for. */
typedef struct
{
  JsonNode   *message;
  JsonObject *arguments;     /* may be NULL */
  const char *command;
  gint64      seq;
} OxRequest;

/* What a variablesReference or a frameId means. They name graphs and slots, not values, so that they outlive a change. */
typedef enum
{
  OX_HANDLE_FRAME,
  OX_HANDLE_INPUTS,          /* of @node */
  OX_HANDLE_VALUES,          /* that are computed in the frame of @graph */
  OX_HANDLE_OUTPUTS,         /* of @graph */
  OX_HANDLE_INITIALIZERS,
  OX_HANDLE_ATTRIBUTES,      /* of @node */
  OX_HANDLE_VALUE,           /* of @slot */
  OX_HANDLE_HELD,            /* @value */
  OX_HANDLE_PART,            /* @begin of @parent: an item, or the values and indices of a sparse tensor */
  OX_HANDLE_RANGE,           /* elements @begin to @end of @parent */
} OxHandleKind;

typedef struct
{
  OxHandleKind kind;
  OxGraph     *graph;
  OxNode      *node;
  int          slot;
  gint64       parent;
  gint64       begin, end;
  OxValue     *value;
  guint        level;        /* FRAME */
} OxHandle;

struct _OxProtocol
{
  OxProtocolHost host;
  gint64         seq;
  OxDebugger    *debugger;     /* NULL before "launch" */
  OxConsole     *console;
  gboolean       begun;        /* "configurationDone" was there */
  gboolean       stop_on_entry, stop_at_end;
  gboolean       lines_at_1, columns_at_1, pages, invalidates;   /* what the other side said of itself */

  OxRequest     *moving;       /* the request whose move runs */
  gboolean       quiet;        /* moves of the debugger are told by nobody else */
  OxRequest     *looking;      /* what is computed on a worker now, or NULL: all but a few others wait */
  GCancellable  *cancellable;  /* of that */
  gboolean       told;         /* the debugger has moved meanwhile */
  GQueue         waiting;      /* OxRequest* */
  OxRequest     *leaving;      /* "disconnect" that waits until nothing runs */
  gboolean       ending;       /* "terminate" was there and something ran */
  gboolean       over;

  GPtrArray     *handles;      /* OxHandle* */
  gint64         first_handle;
  GPtrArray     *stops;        /* OxProtocolStop*, see ox-protocol-stops.c */
  GPtrArray     *graphs;       /* OxGraph*, that can be read as a source */
};

typedef gboolean (*OxProtocolHandler) (OxProtocol *self, OxRequest *request, GError **error);

/* ---- ox-protocol.c ---- */
OxRequest *ox_request_copy   (const OxRequest *request);
void      ox_request_free    (OxRequest *request);
/* Keys of an object; texts that are not UTF-8 are made so, NULL is left out. */
void      ox_put_text        (JsonBuilder *json, const char *key, const char *text);
void      ox_put_count       (JsonBuilder *json, const char *key, gint64 count);
void      ox_put_flag        (JsonBuilder *json, const char *key, gboolean flag);
void      ox_put_array       (JsonBuilder *json, const char *key);
void      ox_put_object      (JsonBuilder *json, const char *key);
/* A builder in which an object is open. */
JsonBuilder *ox_body_new     (void);
/* Closes @body's object (taken; may be NULL) and answers. */
void      ox_protocol_answer (OxProtocol *self, const OxRequest *request, JsonBuilder *body);
void      ox_protocol_fail   (OxProtocol *self, const OxRequest *request, const char *message);
void      ox_protocol_event  (OxProtocol *self, const char *event, JsonBuilder *body);
void      ox_protocol_output (OxProtocol *self, const char *category, const char *text);
/* From here on all but a few requests wait; (transfer none) the request, which is kept until ox_protocol_looked(). */
OxRequest *ox_protocol_look  (OxProtocol *self, const OxRequest *request);
/* The end of that: answers with @body (taken), or with @error (taken) if that is set, and goes on. */
void      ox_protocol_looked (OxProtocol *self, JsonBuilder *body, GError *error);
/* Nothing runs any more: goes on with what waits. */
void      ox_protocol_go_on  (OxProtocol *self);

/* ---- ox-protocol-move.c ---- */
gboolean  ox_protocol_initialize     (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_launch         (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_configured     (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_move           (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_goto           (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_goto_targets   (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_restart        (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_pause          (OxProtocol *self, OxRequest *request, GError **error);
/* "stopped" or "terminated", with what was written on the way. */
void      ox_protocol_tell_stop      (OxProtocol *self);

/* ---- ox-protocol-stops.c ---- */
void      ox_protocol_stop_free      (gpointer stop);
gboolean  ox_protocol_set_stops      (OxProtocol *self, OxRequest *request, GError **error);
/* Hits are counted anew; those that stop once are there again. */
void      ox_protocol_renew_stops    (OxProtocol *self);
/* Whether a breakpoint is an exception's. */
gboolean  ox_protocol_is_exception   (OxProtocol *self, guint id);
void      ox_protocol_put_filters    (JsonBuilder *json);

/* ---- ox-protocol-look.c ---- */
gboolean  ox_protocol_threads        (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_stack_trace    (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_scopes         (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_evaluate       (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_completions    (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_exception_info (OxProtocol *self, OxRequest *request, GError **error);
gboolean  ox_protocol_source         (OxProtocol *self, OxRequest *request, GError **error);
/* The number of the graph's source, from 1. */
gint64    ox_protocol_source_of      (OxProtocol *self, OxGraph *graph);
/* The graph that a "source" object means. */
OxGraph  *ox_protocol_find_source    (OxProtocol *self, JsonObject *source, GError **error);
void      ox_protocol_put_source     (OxProtocol *self, JsonBuilder *json, OxGraph *graph);

/* ---- ox-protocol-values.c ---- */
void      ox_handle_free             (gpointer handle);
/* A new one, filled like @handle; its number. */
gint64    ox_protocol_add_handle     (OxProtocol *self, const OxHandle *handle);
/* NULL with @error for one that is not there any more. */
OxHandle *ox_protocol_handle         (OxProtocol *self, gint64 number, GError **error);
void      ox_protocol_expire         (OxProtocol *self);
gboolean  ox_protocol_variables      (OxProtocol *self, OxRequest *request, GError **error);
/* "value", "type", "variablesReference" and what goes with it; @handle: that of @value. */
void      ox_protocol_put_value      (OxProtocol *self, JsonBuilder *json, OxValue *value, const OxHandle *handle);
/* The slot at the bottom of @handle, or NULL. */
const OxHandle *ox_protocol_root     (OxProtocol *self, const OxHandle *handle);

/* ---- ox-protocol-change.c ---- */
gboolean  ox_protocol_set_variable   (OxProtocol *self, OxRequest *request, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxRequest, ox_request_free)

G_END_DECLS
