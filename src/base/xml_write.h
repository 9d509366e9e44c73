/*
 * Text in XML 1.0 documents. What the standard allows nowhere in a document (control characters,
 * U+FFFE, U+FFFF) becomes U+FFFD, so that no value can make a document unreadable.
 */
#ifndef BASE_XML_WRITE_H
#define BASE_XML_WRITE_H

#include "base/buf.h"

/** Bytes at text.p[at] that may not stand in XML as they are: 0, or the length of the character. */
size_t xml_forbidden_length(str text, size_t at);

/** Appends text for the content of an element or the value of an attribute. text must be UTF-8. */
void xml_escape(struct buf *out, str text);

/** Appends <name>text</name> and a line break; nothing when text is empty. */
void xml_element(struct buf *out, str name, str text);

#endif
