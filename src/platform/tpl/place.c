/* The states are those of the HTML tokenizer (WHATWG 13.2.5), stricter where browsers repair. */
#include "platform/tpl/address.h"
#include "platform/tpl/place.h"

static bool name_is(const char *name, size_t n, const char *expected)
{
    return str_eq((str){name, n}, str_from(expected));
}

static bool name_in(const char *name, size_t n, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (name_is(name, n, names[i])) {
            return true;
        }
    }
    return false;
}

static void add_name(char *name, size_t *n, char c)
{
    if (*n < PLACE_NAME_BYTES) {
        name[(*n)++] = ascii_lower(c);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* ---- attributes ---- */

static enum attribute_kind kind_of(const struct html_place *place)
{
    static const char *const urls[] = {"action",     "background", "cite",     "data",
                                       "formaction", "href",       "longdesc", "manifest",
                                       "ping",       "poster",     "src",      "xlink:href"};
    static const char *const literals[] = {"attributename", "imagesrcset", "srcdoc", "srcset",
                                           "style"};
    static const char *const changing[] = {"animate", "animatemotion", "animatetransform", "set"};
    const char *name = place->attribute;
    size_t n = place->attribute_bytes;
    bool is_event = n > 2 && name[0] == 'o' && name[1] == 'n';
    if (is_event || name_in(name, n, literals, ARRAY_LENGTH(literals)) ||
        name_in(place->element, place->element_bytes, changing, ARRAY_LENGTH(changing))) {
        return ATTRIBUTE_LITERAL;
    }
    if (name_in(name, n, urls, ARRAY_LENGTH(urls))) {
        return ATTRIBUTE_URL;
    }
    if (name_is(name, n, "http-equiv")) {
        return ATTRIBUTE_HTTP_EQUIV;
    }
    return name_is(name, n, "content") ? ATTRIBUTE_CONTENT : ATTRIBUTE_PLAIN;
}

/* ---- literal text ---- */

static void end_tag(struct html_place *place)
{
    static const char *const raw[] = {"iframe", "noembed", "noframes", "plaintext",
                                      "script", "style",   "xmp"};
    static const char *const texts[] = {"textarea", "title"};
    place->state = HTML_TEXT;
    place->matched = 0;
    if (place->is_end_tag) {
        return;
    }
    if (name_in(place->element, place->element_bytes, raw, ARRAY_LENGTH(raw))) {
        place->state = HTML_RAW;
    } else if (name_in(place->element, place->element_bytes, texts, ARRAY_LENGTH(texts))) {
        place->state = HTML_RCDATA;
    }
}

static const char *begin_attribute(struct html_place *place, char c)
{
    if (c == '=' || c == '"' || c == '\'' || c == '<') {
        return "this character cannot begin an attribute";
    }
    place->attribute_bytes = 0;
    add_name(place->attribute, &place->attribute_bytes, c);
    place->state = HTML_ATTRIBUTE;
    return NULL;
}

/* What may stand between attributes. */
static const char *feed_tag(struct html_place *place, char c)
{
    if (c == '>') {
        end_tag(place);
    } else if (is_blank(c) || c == '/') {
        place->state = HTML_TAG;
    } else if (place->state == HTML_VALUE_END || place->state == HTML_BOUNDARY) {
        return "a blank is missing before the attribute";
    } else {
        return begin_attribute(place, c);
    }
    return NULL;
}

static const char *feed_attribute(struct html_place *place, char c)
{
    if (c == '=') {
        place->state = HTML_EQUALS;
    } else if (is_blank(c)) {
        place->state = HTML_ATTRIBUTE_END;
    } else if (c == '>' || c == '/' || place->state == HTML_ATTRIBUTE_END) {
        return feed_tag(place, c);
    } else if (c == '"' || c == '\'' || c == '<') {
        return "this character cannot be in the name of an attribute";
    } else {
        add_name(place->attribute, &place->attribute_bytes, c);
    }
    return NULL;
}

static const char *begin_value(struct html_place *place, char c)
{
    if (is_blank(c)) {
        return NULL;
    }
    if (c == '>' || c == '<' || c == '=' || c == '`') {
        return "a value is expected behind =";
    }
    place->kind = kind_of(place);
    place->url = URL_EMPTY;
    place->has_http_equiv |= place->kind == ATTRIBUTE_HTTP_EQUIV;
    if (place->has_http_equiv && place->has_content) {
        return "the content of an http-equiv cannot have values";
    }
    place->state = c == '"' ? HTML_DOUBLE : c == '\'' ? HTML_SINGLE : HTML_UNQUOTED;
    return NULL;
}

static const char *feed_open(struct html_place *place, char c)
{
    bool is_end = place->state == HTML_OPEN_END;
    if (is_ascii_letter(c)) {
        place->state = HTML_ELEMENT;
        place->is_end_tag = is_end;
        place->has_http_equiv = place->has_content = false;
        place->element_bytes = place->attribute_bytes = 0;
        add_name(place->element, &place->element_bytes, c);
    } else if (is_end) {
        return "the name of an element is expected behind </";
    } else if (c == '/') {
        place->state = HTML_OPEN_END;
    } else if (c == '!') {
        place->state = HTML_MARKUP;
        place->matched = 0;
    } else if (c == '?') {
        place->state = HTML_BOGUS;
    } else {
        return "write &lt; for < in text";
    }
    return NULL;
}

/* Text whose only way out is the end tag of its element; a comment in a script would hide that. */
static const char *feed_until_end(struct html_place *place, char c)
{
    size_t n = place->element_bytes;
    size_t at = place->matched;
    if (at == n + 2 && (is_blank(c) || c == '/' || c == '>')) {
        place->is_end_tag = true;
        place->has_http_equiv = place->has_content = false;
        place->state = HTML_TAG;
        return feed_tag(place, c);
    }
    if (at == 1 && c == '!' && place->state == HTML_RAW) {
        return "<! cannot be written in a script or style";
    }
    bool goes_on = (at == 0 && c == '<') || (at == 1 && c == '/') ||
                   (at >= 2 && at < n + 2 && ascii_lower(c) == place->element[at - 2]);
    if (at && !goes_on && place->state == HTML_RCDATA) { /* inside svg it would be a tag */
        return "write &lt; for < in this element";
    }
    place->matched = goes_on ? at + 1 : c == '<' ? 1 : 0;
    return NULL;
}

static const char *feed_comment(struct html_place *place, char c)
{
    if (c == '!' && place->matched >= 2) {
        return "a comment cannot have --! in it";
    }
    if (c == '>' && place->matched < 2 && !place->comment_has_text) {
        return "a comment cannot begin with > or ->";
    }
    if (c == '>' && place->matched >= 2) {
        place->state = HTML_TEXT;
        place->matched = 0;
        return NULL;
    }
    place->comment_has_text |= c != '-';
    place->matched = c == '-' ? place->matched + 1 : 0;
    return NULL;
}

static const char *feed_markup(struct html_place *place, char c)
{
    if (place->matched == 1 && c != '-') {
        return "-- is expected behind <!-";
    }
    if (c == '-') {
        place->matched++;
        place->state = place->matched == 2 ? HTML_COMMENT : HTML_MARKUP;
        place->matched = place->state == HTML_COMMENT ? 0 : place->matched;
        place->comment_has_text = false;
    } else {
        place->state = c == '>' ? HTML_TEXT : HTML_BOGUS;
    }
    return NULL;
}

static const char *feed_value(struct html_place *place, char c)
{
    char quote = place->state == HTML_DOUBLE ? '"' : '\'';
    if (place->state == HTML_UNQUOTED) {
        if (c == '"' || c == '\'' || c == '<' || c == '=' || c == '`') {
            return "this character is only possible in a quoted value";
        }
        return is_blank(c) || c == '>' ? feed_tag(place, c) : NULL;
    }
    if (c == quote) {
        place->state = HTML_VALUE_END;
    } else if (place->kind == ATTRIBUTE_URL) {
        address_feed(place, c);
    }
    return NULL;
}

static const char *feed_char(struct html_place *place, char c)
{
    switch (place->state) {
    case HTML_TEXT:
        place->state = c == '<' ? HTML_OPEN : HTML_TEXT;
        return NULL;
    case HTML_RCDATA:
    case HTML_RAW:
        return feed_until_end(place, c);
    case HTML_OPEN:
    case HTML_OPEN_END:
        return feed_open(place, c);
    case HTML_MARKUP:
        return feed_markup(place, c);
    case HTML_COMMENT:
        return feed_comment(place, c);
    case HTML_BOGUS:
        place->state = c == '>' ? HTML_TEXT : HTML_BOGUS;
        return NULL;
    case HTML_ELEMENT:
        if (is_blank(c) || c == '/' || c == '>') {
            return feed_tag(place, c);
        }
        add_name(place->element, &place->element_bytes, c);
        return c == '<' || c == '"' || c == '\'' ? "this character cannot be in a tag's name"
                                                 : NULL;
    case HTML_TAG:
    case HTML_VALUE_END:
    case HTML_BOUNDARY:
        return feed_tag(place, c);
    case HTML_ATTRIBUTE:
    case HTML_ATTRIBUTE_END:
        return feed_attribute(place, c);
    case HTML_EQUALS:
        return begin_value(place, c);
    case HTML_DOUBLE:
    case HTML_SINGLE:
    case HTML_UNQUOTED:
        return feed_value(place, c);
    }
    return NULL;
}

const char *place_feed(struct html_place *place, str literal, size_t *ret_at)
{
    for (size_t i = 0; i < literal.n; i++) {
        const char *fault = feed_char(place, literal.p[i]);
        if (fault) {
            *ret_at = i;
            return fault;
        }
    }
    return NULL;
}

/* ---- values, sections, templates ---- */

static const char *place_of_nothing(const struct html_place *place)
{
    switch (place->state) {
    case HTML_RAW:
        return "nothing can stand in a script, style or other raw element";
    case HTML_COMMENT:
        return "nothing can stand in an HTML comment; use {{! … }}";
    case HTML_OPEN:
    case HTML_OPEN_END:
    case HTML_MARKUP:
    case HTML_BOGUS:
        return "nothing can stand behind <";
    case HTML_EQUALS:
    case HTML_UNQUOTED:
        return "the attribute's value must be in quotes";
    case HTML_RCDATA:
        return place->matched ? "nothing can stand in an end tag" : NULL;
    default:
        return place->is_end_tag && place->state != HTML_TEXT ? "nothing can stand in an end tag"
                                                              : NULL;
    }
}

const char *place_value(struct html_place *place, enum tpl_type type, enum escape *ret_escape)
{
    const char *fault = place_of_nothing(place);
    if (fault) {
        return fault;
    }
    if (type == TPL_TYPE_BOOL || type == TPL_TYPE_LIST) {
        return "a bool or list has no text; use a section";
    }
    *ret_escape = ESCAPE_HTML;
    if (place->state == HTML_TEXT) {
        *ret_escape = type == TPL_TYPE_HTML ? ESCAPE_NONE : ESCAPE_HTML;
        return NULL;
    }
    if (type == TPL_TYPE_HTML) {
        return "TPL_HTML can only stand in text";
    }
    if (place->state == HTML_RCDATA) {
        return NULL;
    }
    if (place->state != HTML_DOUBLE && place->state != HTML_SINGLE) {
        return "a value in a tag can only stand in a quoted attribute value";
    }
    switch (place->kind) {
    case ATTRIBUTE_URL:
        return address_value(place, type, ret_escape);
    case ATTRIBUTE_LITERAL:
    case ATTRIBUTE_HTTP_EQUIV:
        return "this attribute cannot have values";
    case ATTRIBUTE_CONTENT:
        place->has_content = true;
        return place->has_http_equiv ? "the content of an http-equiv cannot have values" : NULL;
    case ATTRIBUTE_PLAIN:
        return NULL;
    }
    return NULL;
}

static bool is_in_tag(enum html_state state)
{
    return state == HTML_ELEMENT || state == HTML_TAG || state == HTML_ATTRIBUTE ||
           state == HTML_ATTRIBUTE_END || state == HTML_VALUE_END || state == HTML_BOUNDARY;
}

const char *place_section(struct html_place *place, bool is_list)
{
    const char *fault = place_of_nothing(place);
    if (fault) {
        return fault;
    }
    if (is_in_tag(place->state)) {
        bool has_blank = place->state == HTML_TAG || place->state == HTML_ATTRIBUTE_END;
        place->state = has_blank && !is_list ? HTML_TAG : HTML_BOUNDARY;
    }
    if (is_list && place->url == URL_EMPTY) {
        place->url = URL_CLOSED; /* the second address would stand behind the first */
    }
    return NULL;
}

static bool same_name(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    return str_eq((str){a, a_bytes}, (str){b, b_bytes});
}

const char *place_section_end(struct html_place *place, const struct html_place *before)
{
    bool in_tag = is_in_tag(before->state);
    bool ends_alike = in_tag ? is_in_tag(place->state) && place->state != HTML_ELEMENT
                             : place->state == before->state;
    bool is_value = before->state == HTML_DOUBLE || before->state == HTML_SINGLE;
    if (!ends_alike || place->matched != before->matched ||
        ((in_tag || is_value) && place->is_end_tag != before->is_end_tag) ||
        ((in_tag || is_value || before->state == HTML_RCDATA) &&
         !same_name(place->element, place->element_bytes, before->element,
                    before->element_bytes)) ||
        (is_value && !same_name(place->attribute, place->attribute_bytes, before->attribute,
                                before->attribute_bytes))) {
        return "a section must end where it began: in text, in the same attribute value, or behind "
               "whole attributes of the same tag";
    }
    if (in_tag) {
        bool has_blank = before->state == HTML_TAG || before->state == HTML_ATTRIBUTE_END;
        bool keeps_blank = place->state == HTML_TAG || place->state == HTML_ATTRIBUTE_END;
        place->state = has_blank && keeps_blank ? HTML_TAG : HTML_BOUNDARY;
    }
    place->has_http_equiv |= before->has_http_equiv;
    place->has_content |= before->has_content;
    place->url = address_stricter(before->url, place->url);
    return NULL;
}

const char *place_part(const struct html_place *place)
{
    return place->state == HTML_TEXT ? NULL : "another template can only stand in text";
}
