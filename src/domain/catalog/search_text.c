#include "domain/catalog/search_text.h"

#include "base/utf8.h"
#include "domain/catalog/metadata.h"
#include "platform/text/fold.h"
#include "platform/text/stem.h"

#define TEXT_OF(text) {text, sizeof(text) - 1}
#define REFERENCE_BYTES 11 /* of HTML to a letter, with & and ; */
#define WORDS_MOST 4096 /* of one value; the rest of a longer text is not found */

struct collecting {
    struct scope *scope;
    struct search_text *text;
    str *words; /* room for WORDS_MOST */
    str lang;   /* of the values being collected; empty: not known */
};

/* ---- HTML ---- */

/* The letter of "&eacute;" and its like at p; 0: it is none. */
static char letter_of(str reference)
{
    static const char *const marks[] = {"acute;", "grave;", "circ;", "uml;", "cedil;",
                                        "tilde;", "ring;",  "caron;"};
    char letter = reference.n > 1 ? reference.p[1] : 0;
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        if (is_ascii_letter(letter) && str_starts(str_slice(reference, 2, reference.n), str_from(marks[i]))) {
            return letter;
        }
    }
    return 0;
}

/* The code point of "&#233;" or "&#xE9;"; 0: it is none. */
static uint32_t number_of(str reference)
{
    bool is_hex = reference.n > 2 && ascii_lower(reference.p[2]) == 'x';
    uint32_t base = is_hex ? 16 : 10;
    uint32_t number = 0;
    if (!str_starts(reference, S("&#"))) {
        return 0;
    }
    for (size_t i = is_hex ? 3 : 2; i + 1 < reference.n; i++) { /* at most REFERENCE_BYTES: no overflow */
        int digit = hex_digit(reference.p[i]);
        if (digit < 0 || (uint32_t)digit >= base) {
            return 0;
        }
        number = number * base + (uint32_t)digit;
    }
    bool is_none = number > 0x10ffff || (number >= 0xd800 && number < 0xe000);
    return is_none ? 0 : number;
}

/* What a reference stands for, a blank where it is no letter. */
static void add_reference(struct buf *out, str reference)
{
    static const struct {
        str name, letter;
    } letters[] = {{TEXT_OF("&szlig;"), TEXT_OF("ß")}, {TEXT_OF("&aelig;"), TEXT_OF("æ")},
                     {TEXT_OF("&AElig;"), TEXT_OF("Æ")}, {TEXT_OF("&oelig;"), TEXT_OF("œ")},
                     {TEXT_OF("&OElig;"), TEXT_OF("Œ")},
                     {TEXT_OF("&oslash;"), TEXT_OF("ø")}, {TEXT_OF("&Oslash;"), TEXT_OF("Ø")}};
    char letter = letter_of(reference);
    uint32_t number = number_of(reference);
    for (size_t i = 0; i < ARRAY_LENGTH(letters); i++) {
        if (str_eq(reference, letters[i].name)) {
            buf_add(out, letters[i].letter);
            return;
        }
    }
    if (number) {
        char *to = buf_reserve(out, 4);
        out->n += utf8_write(to, number);
        return;
    }
    buf_add_char(out, letter ? letter : ' ');
}

str search_plain(struct arena *arena, str html)
{
    struct buf out = {0};
    bool in_tag = false;
    for (size_t i = 0; i < html.n; i++) {
        char c = html.p[i];
        bool opens = c == '<' && i + 1 < html.n &&
                     (is_ascii_letter(html.p[i + 1]) || html.p[i + 1] == '/' || html.p[i + 1] == '!');
        size_t end = c == '&' ? str_find_char(str_slice(html, 0, i + REFERENCE_BYTES), ';', i) : SIZE_MAX;
        if (in_tag || opens) {
            in_tag = c != '>';
            buf_add(&out, opens ? S(" ") : S(""));
        } else if (end != SIZE_MAX && end - i < REFERENCE_BYTES) {
            add_reference(&out, str_slice(html, i, end + 1));
            i = end;
        } else {
            buf_add_char(&out, c);
        }
    }
    str plain = buf_copy(&out, arena);
    buf_done(&out);
    return plain;
}

/* ---- texts ---- */

static void add_text(struct collecting *collecting, size_t part, str text)
{
    struct arena *arena = &collecting->scope->arena;
    struct buf *out = &collecting->text->parts[part];
    size_t count = text_words(arena, text, collecting->words, WORDS_MOST);
    for (size_t i = 0; i < count; i++) {
        str word = collecting->words[i];
        str stem = text_stem(arena, word, collecting->lang);
        buf_add(out, word);
        buf_add_char(out, ' ');
        if (!str_eq(stem, word)) {
            buf_add(out, stem);
            buf_add_char(out, ' ');
        }
    }
}

static void add_value(struct collecting *collecting, size_t part, bool is_html, const json_t *value)
{
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            add_text(collecting, part, json_read_text(json_array_get(value, i)));
        }
        return;
    }
    str text = json_read_text(value);
    add_text(collecting, part,
             is_html ? search_plain(&collecting->scope->arena, text) : text);
}

static size_t part_of(const struct metadata_row *row)
{
    static const struct {
        const char *name;
        size_t part;
    } parts[] = {{"title", PART_TITLE},
                 {"keyword", PART_KEYWORD},
                 {"theme", PART_KEYWORD},
                 {"publisher", PART_PUBLISHER},
                 {"description", PART_DESCRIPTION}};
    bool is_default = str_eq(row->in->name, S("default"));
    for (size_t i = 0; is_default && i < ARRAY_LENGTH(parts); i++) {
        if (str_eq(row->name, str_from(parts[i].name))) {
            return parts[i].part;
        }
    }
    return PART_OTHER;
}

/* Values of one language, or of none, by template and name. */
static void add_values(struct collecting *collecting, const json_t *templates_of)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        const struct metadata_row *row = &rows[i];
        json_t *values =
            row->flags & METADATA_SEARCH
                ? json_object_getn(templates_of, row->in->name.p, row->in->name.n)
                : NULL;
        add_value(collecting, part_of(row), row->type == METADATA_HTML,
                  json_object_getn(values, row->name.p, row->name.n));
    }
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(templates_of, "custom"), name, value) {
        add_value(collecting, PART_OTHER, false, value);
    }
}

static void add_translated_fields(struct collecting *collecting, json_t *fields)
{
    const char *name;
    json_t *field;
    json_object_foreach(fields, name, field) {
        add_text(collecting, PART_LABELS, json_read_text(json_object_get(field, "label")));
        add_text(collecting, PART_LABELS, json_read_text(json_object_get(field, "description")));
    }
}

void search_text_make(struct scope *scope, str id, const struct schema *schema,
                      const json_t *metadata, struct search_text *ret_text)
{
    *ret_text = (struct search_text){0};
    struct collecting collecting = {.scope = scope,
                                    .text = ret_text,
                                    .words = arena_array(&scope->arena, str, WORDS_MOST),
                                    .lang = metadata_own_language(metadata)};
    json_t *title = metadata_value(metadata, S(""), S("default"), S("title"));
    add_text(&collecting, json_read_text(title).n ? PART_OTHER : PART_TITLE, id);
    add_values(&collecting, metadata);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        add_text(&collecting, PART_LABELS, field->name);
        add_text(&collecting, PART_LABELS, field->label);
        add_text(&collecting, PART_LABELS, field->description);
    }
    const char *tag;
    json_t *values;
    json_object_foreach(json_object_get(metadata, "languages"), tag, values) {
        collecting.lang = str_from(tag);
        add_values(&collecting, values);
        add_translated_fields(&collecting, json_object_get(values, "fields"));
    }
}

void search_text_done(struct search_text *text)
{
    for (size_t i = 0; i < PART__COUNT; i++) {
        buf_done(&text->parts[i]);
    }
}
