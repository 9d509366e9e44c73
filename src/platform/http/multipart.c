/*
 * multipart/form-data. A delimiter stands at the start of a line and fills it; between two of them
 * are the headers of a part, an empty line and its content. Lines end with CRLF: what ends them
 * otherwise has no delimiters that we see, and is refused for that.
 */
#include "base/utf8.h"
#include "platform/http/form_parts.h"

#define BOUNDARY_BYTES 70      /* RFC 2046 5.1.1 */
#define PART_HEADER_BYTES 8192 /* all headers of one part */

static bool is_boundary(str boundary)
{
    for (size_t i = 0; i < boundary.n; i++) {
        char c = boundary.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && (!c || !strchr("'()+_,-./:=? ", c))) {
            return false;
        }
    }
    return boundary.n && boundary.n <= BOUNDARY_BYTES && boundary.p[boundary.n - 1] != ' ';
}

/* ---- delimiters ---- */

struct delimiter {
    size_t from,
        to; /* where the line before it ends (its CRLF belongs to it); where the next begins */
    bool is_last;
};

/* Whether what follows the boundary at `at` fills the line. */
static bool ends_line(str body, size_t at, struct delimiter *ret)
{
    ret->is_last = str_starts(str_slice(body, at, at + 2), S("--"));
    at += ret->is_last ? 2 : 0;
    while (at < body.n && (body.p[at] == ' ' || body.p[at] == '\t')) {
        at++;
    }
    if (str_starts(str_slice(body, at, at + 2), S("\r\n"))) {
        ret->to = at + 2;
        return true;
    }
    ret->to = at;
    return ret->is_last && at == body.n;
}

/* marker is CRLF and the boundary with its dashes; at the start of the body CRLF is not needed. */
static bool find_delimiter(str body, str marker, size_t from, struct delimiter *ret)
{
    str bare = str_slice(marker, 2, marker.n);
    if (from == 0 && str_starts(body, bare) && ends_line(body, bare.n, ret)) {
        ret->from = 0;
        return true;
    }
    size_t at = from;
    while ((at = str_find(body, marker, at)) != SIZE_MAX) {
        if (ends_line(body, at + marker.n, ret)) {
            ret->from = at;
            return true;
        }
        at += 2; /* the marker has one CRLF only */
    }
    return false;
}

/* ---- headers of a part ---- */

/*
 * Browsers write a quote, CR and LF of a name as %22, %0D and %0A and leave other percent signs
 * alone; others put a backslash before quote and backslash.
 */
static str unescape(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        size_t left = text.n - i;
        int code =
            c == '%' && left > 2 && hex_digit(text.p[i + 1]) >= 0 && hex_digit(text.p[i + 2]) >= 0
                ? hex_digit(text.p[i + 1]) * 16 + hex_digit(text.p[i + 2])
                : -1;
        if (code == '"' || code == '\r' || code == '\n') {
            c = (char)code;
            i += 2;
        } else if (c == '\\' && left > 1 && (text.p[i + 1] == '"' || text.p[i + 1] == '\\')) {
            c = text.p[++i];
        }
        out[n++] = c;
    }
    return (str){out, n};
}

static enum err read_text(struct scope *scope, const struct parameter *parameter, str *ret_text)
{
    if (ret_text->p) {
        return fail(scope, ERR_REQUEST, "A part of the form has two names.");
    }
    *ret_text = parameter->is_quoted ? unescape(&scope->arena, parameter->value)
                                     : str_copy(&scope->arena, parameter->value);
    return utf8_is_valid(*ret_text)
               ? ERR_OK
               : fail(scope, ERR_REQUEST, "The name of a part of the form is not UTF-8.");
}

static enum err read_disposition(struct scope *scope, str value, struct form_item *item)
{
    struct parameter parameter;
    str rest;
    if (!str_eq_nocase(header_token(value, &rest), S("form-data")) || item->name.p) {
        return fail(scope, ERR_REQUEST,
                    "Each part of the form needs one Content-Disposition: form-data.");
    }
    while (parameter_next(&rest, &parameter)) {
        if (parameter.is_malformed) {
            return fail(scope, ERR_REQUEST,
                        "The Content-Disposition of a part of the form is malformed.");
        }
        if (str_eq_nocase(parameter.name, S("name"))) {
            TRY(read_text(scope, &parameter, &item->name));
        } else if (str_eq_nocase(parameter.name, S("filename"))) {
            TRY(read_text(scope, &parameter, &item->file_name));
            item->is_file = true;
        }
    }
    return item->name.p ? ERR_OK : fail(scope, ERR_REQUEST, "A part of the form has no name.");
}

static enum err read_part_header(struct scope *scope, str line, struct form_item *item)
{
    size_t colon = str_find_char(line, ':', 0);
    str name = str_slice(line, 0, colon);
    if (colon == SIZE_MAX || colon == 0 || is_ascii_space(line.p[0])) {
        return fail(scope, ERR_REQUEST, "A header of a part of the form is malformed.");
    }
    str value = str_trim(str_slice(line, colon + 1, line.n));
    if (str_eq_nocase(name, S("Content-Disposition"))) {
        return read_disposition(scope, value, item);
    }
    if (str_eq_nocase(name, S("Content-Type"))) {
        str rest;
        item->content_type = value;
        if (str_starts(str_lower_ascii(&scope->arena, header_token(value, &rest)),
                       S("multipart/"))) {
            return fail(scope, ERR_REQUEST, "A part of the form has parts of its own.");
        }
    }
    if (str_eq_nocase(name, S("Content-Transfer-Encoding")) && !str_eq_nocase(value, S("binary")) &&
        !str_eq_nocase(value, S("8bit")) && !str_eq_nocase(value, S("7bit"))) {
        return fail(scope, ERR_REQUEST, "A part of the form is encoded; it must be sent as it is.");
    }
    return ERR_OK;
}

/* Reads headers up to the empty line; *ret_content is what follows. */
static enum err read_part_headers(struct scope *scope, str part, struct form_item *item,
                                  str *ret_content)
{
    size_t at = 0;
    for (;;) {
        size_t end = str_find(part, S("\r\n"), at);
        if (end == SIZE_MAX || end > PART_HEADER_BYTES) {
            return fail(scope, ERR_REQUEST, "The headers of a part of the form do not end.");
        }
        if (end == at) {
            *ret_content = str_slice(part, end + 2, part.n);
            return ERR_OK;
        }
        TRY(read_part_header(scope, str_slice(part, at, end), item));
        at = end + 2;
    }
}

static enum err read_part(struct form_builder *builder, str part)
{
    struct scope *scope = builder->scope;
    struct form_item item = {0};
    struct media_type type;
    TRY(read_part_headers(scope, part, &item, &item.value));
    if (!item.name.p) {
        return fail(scope, ERR_REQUEST, "A part of the form has no name.");
    }
    if (!item.is_file) {
        TRY(type_read(scope, item.content_type, &type));
        item.content_type = STR_NONE;
        if (!utf8_is_valid(item.value)) {
            return fail(scope, ERR_REQUEST, "The value of the field '%.*s' is not UTF-8.",
                        STR_ARG(utf8_truncate(item.name, FORM_SHOWN_BYTES)));
        }
    }
    return form_add(builder, item);
}

enum err form_read_multipart(struct form_builder *builder, str boundary, str body)
{
    struct scope *scope = builder->scope;
    struct delimiter at;
    struct delimiter next;
    if (!is_boundary(boundary)) {
        return fail(scope, ERR_REQUEST, "The form needs a boundary of 1 to %d characters.",
                    BOUNDARY_BYTES);
    }
    str marker = str_printf(&scope->arena, "\r\n--%.*s", STR_ARG(boundary));
    if (!find_delimiter(body, marker, 0, &at)) {
        return fail(scope, ERR_REQUEST, "The boundary is not found in the form.");
    }
    while (!at.is_last) {
        /* The CRLF of one delimiter may begin the next, when the part between has nothing. */
        if (!find_delimiter(body, marker, at.to - 2, &next)) {
            return fail(scope, ERR_REQUEST, "The form is cut off: its last boundary is missing.");
        }
        TRY(read_part(builder, str_slice(body, at.to, next.from)));
        at = next;
    }
    return ERR_OK;
}
