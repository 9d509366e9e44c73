#include "platform/markup/markup_internal.h"

static const str attribute_names[ATTRIBUTE__COUNT] = {
    [ATTRIBUTE_ALT] = {"alt", 3},           [ATTRIBUTE_COLSPAN] = {"colspan", 7},
    [ATTRIBUTE_DATETIME] = {"datetime", 8}, [ATTRIBUTE_DIR] = {"dir", 3},
    [ATTRIBUTE_HREF] = {"href", 4},         [ATTRIBUTE_LANG] = {"lang", 4},
    [ATTRIBUTE_ROWSPAN] = {"rowspan", 7},   [ATTRIBUTE_SCOPE] = {"scope", 5},
    [ATTRIBUTE_SRC] = {"src", 3},           [ATTRIBUTE_START] = {"start", 5},
    [ATTRIBUTE_TITLE] = {"title", 5}};

/* A tag as it stands. */
struct tag {
    str name;
    bool is_self_closing;
    str attributes[ATTRIBUTE__COUNT];
};

void pieces_begin(struct piece_reader *reader, str html)
{
    *reader = (struct piece_reader){.html = html};
}

void pieces_end(struct piece_reader *reader)
{
    buf_done(&reader->text);
}

/* What begins with the < at this place: a letter, / of an end tag, ! of a comment; 0: it is text. */
static char markup_at(str html, size_t at)
{
    char next = at + 1 < html.n ? html.p[at + 1] : 0;
    char second = at + 2 < html.n ? html.p[at + 2] : 0;
    if (is_ascii_letter(next)) {
        return 'a';
    }
    if (next == '/') {
        return is_ascii_letter(second) ? '/' : second ? '!' : 0;
    }
    return next == '!' || next == '?' ? '!' : 0;
}

static size_t next_markup(str html, size_t at)
{
    size_t found = str_find_char(html, '<', at);
    while (found != SIZE_MAX && !markup_at(html, found)) {
        found = str_find_char(html, '<', found + 1);
    }
    return found;
}

bool pieces_are_plain(str html)
{
    return next_markup(html, 0) == SIZE_MAX;
}

static size_t comment_end(str html, size_t at)
{
    if (!str_starts(str_slice(html, at, at + 4), S("<!--"))) {
        size_t end = str_find_char(html, '>', at);
        return end == SIZE_MAX ? html.n : end + 1;
    }
    size_t i = at + 4;
    if (i < html.n && html.p[i] == '>') {
        return i + 1;
    }
    if (str_starts(str_slice(html, i, i + 2), S("->"))) {
        return i + 2;
    }
    while ((i = str_find(html, S("--"), i)) != SIZE_MAX) {
        bool is_odd = i + 2 < html.n && html.p[i + 2] == '!';
        size_t close = i + 2 + is_odd;
        if (close < html.n && html.p[close] == '>') {
            return close + 1;
        }
        i++;
    }
    return html.n;
}

static void keep_attribute(struct tag *tag, str name, str value)
{
    for (size_t i = 0; i < ATTRIBUTE__COUNT; i++) {
        bool is_it = !tag->attributes[i].p && attribute_names[i].n == name.n;
        if (is_it && str_eq_nocase(attribute_names[i], name)) {
            tag->attributes[i] = value.p ? value : S("");
        }
    }
}

static size_t skip_space(str html, size_t at)
{
    while (at < html.n && is_ascii_space(html.p[at])) {
        at++;
    }
    return at;
}

/* The value behind "name =", at which at stands. SIZE_MAX: it does not end. */
static size_t read_value(str html, size_t at, str *ret_value)
{
    char quote = at < html.n ? html.p[at] : 0;
    if (quote == '"' || quote == '\'') {
        size_t end = str_find_char(html, quote, at + 1);
        *ret_value = str_slice(html, at + 1, end);
        return end == SIZE_MAX ? SIZE_MAX : end + 1;
    }
    size_t end = at;
    while (end < html.n && !is_ascii_space(html.p[end]) && html.p[end] != '>') {
        end++;
    }
    *ret_value = str_slice(html, at, end);
    return end;
}

/* Reads a tag whose name begins at at; returns where it ends, or SIZE_MAX when it does not. */
static size_t read_tag(str html, size_t at, struct tag *ret_tag)
{
    size_t i = at;
    *ret_tag = (struct tag){0};
    while (i < html.n && !is_ascii_space(html.p[i]) && html.p[i] != '/' && html.p[i] != '>') {
        i++;
    }
    ret_tag->name = str_slice(html, at, i);
    while (i < html.n) {
        char c = html.p[i];
        if (c == '>') {
            ret_tag->is_self_closing = html.p[i - 1] == '/';
            return i + 1;
        }
        if (c == '/' || is_ascii_space(c)) {
            i++;
            continue;
        }
        size_t from = i++; /* a = here is part of the name */
        while (i < html.n && !is_ascii_space(html.p[i]) && !strchr("/>=", html.p[i])) {
            i++;
        }
        str name = str_slice(html, from, i);
        str value = S("");
        size_t equals = skip_space(html, i);
        if (equals < html.n && html.p[equals] == '=') {
            i = read_value(html, skip_space(html, equals + 1), &value);
            if (i == SIZE_MAX) {
                return SIZE_MAX;
            }
            if (i < html.n && html.p[i] == '>') { /* its slash, if any, is part of the value */
                keep_attribute(ret_tag, name, value);
                return i + 1;
            }
        }
        keep_attribute(ret_tag, name, value);
    }
    return SIZE_MAX;
}

/* Where the end tag of an element whose content is text begins; its end when there is none. */
static size_t raw_end(str html, size_t at, str name)
{
    if (str_eq_nocase(name, S("plaintext"))) {
        return html.n;
    }
    for (size_t i = str_find(html, S("</"), at); i != SIZE_MAX; i = str_find(html, S("</"), i + 2)) {
        size_t end = i + 2 + name.n;
        bool is_it = str_eq_nocase(str_slice(html, i + 2, end), name);
        char behind = is_it && end < html.n ? html.p[end] : 0;
        if (behind == '/' || behind == '>' || (behind && is_ascii_space(behind))) {
            return i;
        }
    }
    return html.n;
}

/* Passes over what is within an element that is dropped; the same element may stand in it. */
static void skip_dropped(struct piece_reader *reader, str name)
{
    for (size_t depth = 1; depth > 0;) {
        size_t found = next_markup(reader->html, reader->at);
        if (found == SIZE_MAX) {
            reader->at = reader->html.n;
            return;
        }
        char what = markup_at(reader->html, found);
        struct tag tag;
        size_t end = what == '!' ? comment_end(reader->html, found)
                                 : read_tag(reader->html, found + (what == '/' ? 2 : 1), &tag);
        reader->at = end == SIZE_MAX ? reader->html.n : end;
        if (what == '!' || end == SIZE_MAX) {
            continue;
        }
        if (str_eq_nocase(tag.name, name)) {
            depth = what == '/' ? depth - 1 : depth + !tag.is_self_closing;
        } else if (what == 'a' && element_find(tag.name) == ELEMENT_RAW) {
            reader->at = raw_end(reader->html, reader->at, tag.name);
        }
    }
}

static bool is_foreign(str name)
{
    return str_eq_nocase(name, S("svg")) || str_eq_nocase(name, S("math"));
}

/* Reads the markup at reader->at; false: it shows nothing. */
static bool read_markup(struct piece_reader *reader, struct piece *ret_piece)
{
    char what = markup_at(reader->html, reader->at);
    if (what == '!') {
        reader->at = comment_end(reader->html, reader->at);
        return false;
    }
    struct tag tag;
    size_t end = read_tag(reader->html, reader->at + (what == '/' ? 2 : 1), &tag);
    reader->at = end == SIZE_MAX ? reader->html.n : end;
    if (end == SIZE_MAX) {
        return false;
    }
    enum element_id id = element_find(tag.name);
    enum element_role role = elements[id].role;
    if (role == ROLE_RAW && what == 'a') {
        reader->at = raw_end(reader->html, reader->at, tag.name);
    } else if (role == ROLE_DROPPED && what == 'a' && !(tag.is_self_closing && is_foreign(tag.name))) {
        skip_dropped(reader, tag.name);
    }
    if (role == ROLE_NONE || role == ROLE_RAW || role == ROLE_DROPPED || role == ROLE_EMPTY) {
        return false;
    }
    *ret_piece = (struct piece){.kind = what == '/' ? PIECE_STOP : PIECE_START, .id = id};
    memcpy(ret_piece->attributes, tag.attributes, sizeof(tag.attributes));
    return true;
}

void pieces_next(struct piece_reader *reader, struct piece *ret_piece)
{
    while (reader->at < reader->html.n) {
        size_t found = next_markup(reader->html, reader->at);
        size_t end = found == SIZE_MAX ? reader->html.n : found;
        if (end > reader->at) {
            str raw = str_slice(reader->html, reader->at, end);
            reader->at = end;
            buf_clear(&reader->text);
            reference_decode(&reader->text, raw);
            if (reader->text.n) {
                *ret_piece = (struct piece){.kind = PIECE_TEXT, .text = buf_str(&reader->text)};
                return;
            }
        } else if (read_markup(reader, ret_piece)) {
            return;
        }
    }
    *ret_piece = (struct piece){.kind = PIECE_END};
}
