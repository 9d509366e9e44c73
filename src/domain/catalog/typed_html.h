/* Descriptions as people type them: plain lines, or HTML. What is stored is HTML. */
#ifndef DOMAIN_CATALOG_TYPED_HTML_H
#define DOMAIN_CATALOG_TYPED_HTML_H

#include "base/str.h"

/** Lines as HTML: blank lines part paragraphs. A text with a tag or a reference ("&eacute;") is
 * HTML already and stays. In the arena, or text itself. */
str typed_html(struct arena *arena, str text);

/**
 * The other way round: HTML of nothing but paragraphs as the lines that typed_html makes the same of, other HTML as it is.
 * In the arena, or html itself.
 */
str typed_text(struct arena *arena, str html);

#endif
