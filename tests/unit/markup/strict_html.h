/*
 * A reader of what markup_sanitize writes, which knows nothing of how it is made and takes nothing else: text
 * with four references, elements and attributes of its own lists, all closed in order, harmless addresses.
 */
#ifndef TESTS_UNIT_MARKUP_STRICT_HTML_H
#define TESTS_UNIT_MARKUP_STRICT_HTML_H

#include "base/utf8.h"

#define STRICT_DEPTH 256

static inline bool strict_is_one_of(str word, const char *list)
{
    str rest = str_from(list);
    str item;
    while (str_split_blank(&rest, &item)) {
        if (str_eq(item, word)) {
            return true;
        }
    }
    return false;
}

static inline bool strict_reference(str html, size_t at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (str_starts(str_slice(html, at, html.n), str_from(known[i]))) {
            return true;
        }
    }
    return false;
}

static inline bool strict_character(str html, size_t at)
{
    unsigned char c = (unsigned char)html.p[at];
    return (c >= ' ' || c == '\t' || c == '\n') && c != 0x7F && c != '<' && c != '>' && c != '"' &&
           (c != '&' || strict_reference(html, at));
}

static inline bool strict_address(str value)
{
    bool is_path = str_starts(value, S("/")) && !str_starts(value, S("//")) && !str_starts(value, S("/\\"));
    bool is_web = (str_starts(value, S("http://")) || str_starts(value, S("https://"))) &&
                  value.n > str_find(value, S("//"), 0) + 2;
    return is_path || is_web || (str_starts(value, S("#")) && value.n > 1) ||
           str_starts(value, S("mailto:")) || str_starts(value, S("tel:"));
}

static inline const char *strict_attribute(str element, str name, str value)
{
    if (str_eq(name, S("href"))) {
        return str_eq(element, S("a")) && strict_address(value) ? NULL : "an address";
    }
    if (str_eq(name, S("rel"))) {
        return str_eq(element, S("a")) && str_eq(value, S("nofollow ugc noopener noreferrer")) ? NULL : "rel";
    }
    bool is_fit = strict_is_one_of(name, "title lang dir") ||
                  (str_eq(name, S("start")) && str_eq(element, S("ol"))) ||
                  (str_eq(name, S("datetime")) && strict_is_one_of(element, "time del ins")) ||
                  (str_eq(name, S("scope")) && str_eq(element, S("th"))) ||
                  (strict_is_one_of(name, "colspan rowspan") && strict_is_one_of(element, "td th"));
    return is_fit ? NULL : "an attribute";
}

/* ' name="value"' at *at, which moves behind it. */
static inline const char *strict_read_attribute(str html, size_t *at, str element)
{
    size_t from = ++*at;
    while (*at < html.n && is_ascii_letter(html.p[*at])) {
        ++*at;
    }
    str name = str_slice(html, from, *at);
    if (!str_starts(str_slice(html, *at, html.n), S("=\""))) {
        return "an attribute without a quoted value";
    }
    from = *at += 2;
    while (*at < html.n && strict_character(html, *at)) {
        ++*at;
    }
    str value = str_slice(html, from, *at);
    if (*at == html.n || html.p[*at] != '"') {
        return "a value with a character that is not escaped";
    }
    ++*at;
    return strict_attribute(element, name, value);
}

static inline const char *strict_read_tag(str html, size_t *at, str stack[STRICT_DEPTH], size_t *depth)
{
    bool is_end = str_starts(str_slice(html, *at, html.n), S("</"));
    size_t from = *at += is_end ? 2 : 1;
    while (*at < html.n && (is_ascii_letter(html.p[*at]) || is_ascii_digit(html.p[*at]))) {
        ++*at;
    }
    str name = str_slice(html, from, *at);
    if (!strict_is_one_of(name, "p br hr h1 h2 h3 h4 h5 h6 strong b em i u s small sub sup abbr cite q blockquote code "
                                "pre kbd samp var ul ol li dl dt dd a table caption thead tbody tfoot tr th td figure "
                                "figcaption details summary time del ins")) {
        return "an element";
    }
    while (!is_end && *at < html.n && html.p[*at] == ' ') {
        const char *fault = strict_read_attribute(html, at, name);
        if (fault) {
            return fault;
        }
    }
    if (*at == html.n || html.p[(*at)++] != '>') {
        return "a tag that does not end";
    }
    if (is_end) {
        return *depth && str_eq(stack[--*depth], name) ? NULL : "an end tag without its start";
    }
    if (!strict_is_one_of(name, "br hr")) {
        if (*depth == STRICT_DEPTH) {
            return "elements that are too deep";
        }
        stack[(*depth)++] = name;
    }
    return NULL;
}

/** NULL, or what is in html that must not be there. */
static inline const char *strict_fault(str html)
{
    str stack[STRICT_DEPTH];
    size_t depth = 0;
    if (html.n && !utf8_is_valid(html)) {
        return "bytes that are no UTF-8";
    }
    for (size_t at = 0; at < html.n;) {
        if (html.p[at] == '<') {
            const char *fault = strict_read_tag(html, &at, stack, &depth);
            if (fault) {
                return fault;
            }
        } else if (!strict_character(html, at++)) {
            return "a character that is not escaped";
        }
    }
    return depth ? "an element that is not closed" : NULL;
}

#endif
