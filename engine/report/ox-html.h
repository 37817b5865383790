/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writing HTML: everything that is not written here passes through these. */

/* @text as it may stand in an element or in a quoted attribute. Characters that a page cannot hold, and those that turn the
 * direction of what follows, are replaced; NULL is nothing. */
void ox_html_escape (GString *html, const char *text);
/* @format is HTML; every %s of it takes text, which is escaped. Besides there are %d and %u, 64 bits wide
 * with an l, and %%. */
void ox_html        (GString *html, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A number as a cell shows it: "" for NAN. */
void ox_html_number (GString *html, double number, int digits);

G_END_DECLS
