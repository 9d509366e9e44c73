/* What the two syntaxes have in common, and Turtle; RDF/XML is in rdf_xml.c. */
#include "platform/rdf/rdf_internal.h"

#include "base/bug.h"
#include "base/url.h"
#include "base/utf8.h"
#include "base/xml_write.h"

/* ---- what may stand where ---- */

static bool is_iri_character(uint32_t c)
{
    if (c < 0x80) {
        return c > 0x20 && c != 0x7F && str_find_char(S("<>\"{}|\\^`"), (char)c, 0) == SIZE_MAX;
    }
    bool is_private = (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000;
    bool is_noncharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    return c >= 0xA0 && !is_private && !is_noncharacter && !(c >= 0xFFF0 && c <= 0xFFFF);
}

/* Brackets enclose the address of a host, as in [::1], and stand nowhere else (RFC 3986 3.2.2). */
static bool has_good_brackets(str text, str authority)
{
    size_t end = (size_t)(authority.p + authority.n - text.p);
    size_t at = str_find_char(authority, '@', 0);
    str host = str_slice(authority, at == SIZE_MAX ? 0 : at + 1, authority.n);
    if (host.n && host.p[0] == '[') {
        size_t close = str_find_char(host, ']', 0);
        size_t colons = 0;
        for (size_t i = 1; i < close && i < host.n; i++) {
            colons += host.p[i] == ':';
            if (hex_digit(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.') {
                return false;
            }
        }
        if (close == SIZE_MAX || colons < 2 || (close + 1 < host.n && host.p[close + 1] != ':')) {
            return false;
        }
        host = str_slice(host, close + 1, host.n);
        authority = str_slice(authority, 0, at == SIZE_MAX ? 0 : at);
    }
    str parts[] = {authority, host, str_slice(text, end, text.n)};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        if (str_find_char(parts[i], '[', 0) != SIZE_MAX ||
            str_find_char(parts[i], ']', 0) != SIZE_MAX) {
            return false;
        }
    }
    return true;
}

/* No name of a host has symbols or compatibility forms, some of which readers take for delimiters.
 */
static bool has_good_host(str authority)
{
    for (size_t at = 0; at < authority.n;) {
        uint32_t c = utf8_next(authority, &at);
        if ((c >= 0x2000 && c <= 0x2BFF) || (c >= 0xFE00 && c <= 0xFFFF)) {
            return false;
        }
    }
    return true;
}

static bool has_good_characters(str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t from = at;
        if (!is_iri_character(utf8_next(text, &at))) {
            return false;
        }
        bool is_escape = from + 2 < text.n && hex_digit(text.p[from + 1]) >= 0 &&
                         hex_digit(text.p[from + 2]) >= 0;
        if (text.p[from] == '%' && !is_escape) {
            return false;
        }
    }
    return true;
}

bool rdf_iri_is_valid(str text)
{
    size_t scheme = url_scheme_length(text);
    if (scheme == 0 || scheme + 1 >= text.n || !utf8_is_valid(text) || !has_good_characters(text)) {
        return false;
    }
    str rest = str_slice(text, scheme + 1, text.n);
    bool is_hierarchical = str_starts(rest, S("//"));
    str authority =
        is_hierarchical ? url_authority(str_slice(rest, 2, rest.n)) : str_slice(rest, 0, 0);
    return has_good_host(authority) && has_good_brackets(text, authority);
}

/* letters, then groups of letters and digits, each of 1 to 8 (RFC 5646 2.1, roughly) */
bool rdf_lang_is_valid(str lang)
{
    str rest = lang;
    str part;
    bool is_first = true;
    if (lang.n == 0) {
        return false;
    }
    while (str_split(&rest, '-', &part)) {
        if (part.n == 0 || part.n > 8) {
            return false;
        }
        for (size_t i = 0; i < part.n; i++) {
            if (!is_ascii_letter(part.p[i]) && (is_first || !is_ascii_digit(part.p[i]))) {
                return false;
            }
        }
        is_first = false;
    }
    return true;
}

void rdf_write_expanded(struct rdf *rdf, str name)
{
    size_t colon = str_find_char(name, ':', 0);
    bug_if(colon == SIZE_MAX);
    for (size_t i = 0; i < rdf->namespace_count; i++) {
        if (str_eq(rdf->namespaces[i].prefix, str_slice(name, 0, colon))) {
            buf_add(rdf->out, rdf->namespaces[i].iri);
            buf_add(rdf->out, str_slice(name, colon + 1, name.n));
            return;
        }
    }
    bug_unreachable();
}

/* ---- Turtle ---- */

static void turtle_node(struct rdf *rdf, const struct rdf_node *node)
{
    if (node->iri.n) {
        buf_printf(rdf->out, "<%.*s>", STR_ARG(node->iri));
    } else {
        buf_printf(rdf->out, "_:n%llu", (unsigned long long)node->blank);
    }
}

static void turtle_close_subject(struct rdf *rdf)
{
    if (rdf->is_open) {
        buf_add(rdf->out, S(" .\n"));
        rdf->is_open = false;
    }
}

/* A subject may be named again after nodes that were begun within it. */
static void turtle_predicate(struct rdf *rdf, str predicate)
{
    if (rdf->is_open) {
        buf_add(rdf->out, S(" ;\n    "));
    } else {
        turtle_node(rdf, &rdf->nodes[rdf->depth - 1]);
        buf_add_char(rdf->out, ' ');
        rdf->is_open = true;
    }
    buf_printf(rdf->out, "%.*s ", STR_ARG(predicate));
}

static str turtle_escape_for(char c)
{
    switch (c) {
    case '"':
        return S("\\\"");
    case '\\':
        return S("\\\\");
    case '\n':
        return S("\\n");
    case '\r':
        return S("\\r");
    case '\t':
        return S("\\t");
    default:
        return STR_NONE;
    }
}

static void turtle_literal(struct buf *out, str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        size_t forbidden = xml_forbidden_length(text, i);
        str escape = forbidden ? S("\xEF\xBF\xBD") : turtle_escape_for(text.p[i]);
        buf_add(out, escape.n ? escape : str_slice(text, i, i + 1));
        i += forbidden > 1 ? forbidden - 1 : 0;
    }
    buf_add_char(out, '"');
}

static void turtle_begin(struct rdf *rdf, str predicate, const struct rdf_node *node)
{
    if (rdf->depth) {
        turtle_predicate(rdf, predicate);
        turtle_node(rdf, node);
        turtle_close_subject(rdf);
    }
    rdf->nodes[rdf->depth++] = *node;
    turtle_predicate(rdf, S("a"));
    buf_add(rdf->out, node->class);
}

/* ---- either ---- */

struct rdf rdf_open(struct buf *out, enum rdf_syntax syntax, const struct rdf_namespace *namespaces,
                    size_t namespace_count)
{
    struct rdf rdf = {
        .out = out, .syntax = syntax, .namespaces = namespaces, .namespace_count = namespace_count};
    if (syntax == RDF_XML) {
        rdf_xml_open(&rdf);
        return rdf;
    }
    for (size_t i = 0; i < namespace_count; i++) {
        buf_printf(out, "@prefix %.*s: <%.*s> .\n", STR_ARG(namespaces[i].prefix),
                   STR_ARG(namespaces[i].iri));
    }
    return rdf;
}

void rdf_close(struct rdf *rdf)
{
    bug_if(rdf->depth);
    if (rdf->syntax == RDF_XML) {
        rdf_xml_close(rdf);
    }
}

void rdf_begin(struct rdf *rdf, str predicate, str iri, str class)
{
    bug_if(rdf->depth == RDF_DEPTH_MOST);
    bug_if((rdf->depth > 0) != (predicate.n > 0));
    struct rdf_node node = {.iri = rdf_iri_is_valid(iri) ? iri : STR_NONE, .class = class};
    if (node.iri.n == 0) {
        node.blank = ++rdf->blanks;
    }
    if (rdf->syntax == RDF_XML) {
        rdf_xml_begin(rdf, predicate, &node);
    } else {
        turtle_begin(rdf, predicate, &node);
    }
}

void rdf_end(struct rdf *rdf)
{
    bug_if(rdf->depth == 0);
    rdf->depth--;
    if (rdf->syntax == RDF_XML) {
        rdf_xml_end(rdf);
    } else {
        turtle_close_subject(rdf);
    }
}

void rdf_text(struct rdf *rdf, str predicate, str text, str lang)
{
    if (text.n == 0) {
        return;
    }
    str tag = rdf_lang_is_valid(lang) ? lang : STR_NONE;
    if (rdf->syntax == RDF_XML) {
        rdf_xml_literal(rdf, predicate, text, tag, STR_NONE);
        return;
    }
    turtle_predicate(rdf, predicate);
    turtle_literal(rdf->out, text);
    if (tag.n) {
        buf_printf(rdf->out, "@%.*s", STR_ARG(tag));
    }
}

void rdf_typed(struct rdf *rdf, str predicate, str text, str datatype)
{
    if (text.n == 0) {
        return;
    }
    if (rdf->syntax == RDF_XML) {
        rdf_xml_literal(rdf, predicate, text, STR_NONE, datatype);
        return;
    }
    turtle_predicate(rdf, predicate);
    turtle_literal(rdf->out, text);
    buf_printf(rdf->out, "^^%.*s", STR_ARG(datatype));
}

bool rdf_link(struct rdf *rdf, str predicate, str iri)
{
    if (!rdf_iri_is_valid(iri)) {
        return false;
    }
    if (rdf->syntax == RDF_XML) {
        rdf_xml_link(rdf, predicate, iri);
        return true;
    }
    turtle_predicate(rdf, predicate);
    buf_printf(rdf->out, "<%.*s>", STR_ARG(iri));
    return true;
}
