/* Which attributes an element may have, and with which values. */
#include "base/num.h"
#include "base/utf8.h"
#include "platform/markup/markup_internal.h"

#define TITLE_MOST 1000
#define LANGUAGE_MOST 35 /* RFC 5646, 4.4.1 */
#define INSTANT_MOST 64
#define SPAN_MOST 100
#define START_MOST 1000000

str attribute_value(struct arena *arena, const struct piece *piece, enum attribute_id id)
{
    str raw = piece->attributes[id];
    if (!raw.p) {
        return STR_NONE;
    }
    struct buf meant cleanup_with(buf_cleanup) = {0};
    add_meant(&meant, raw);
    str value = str_trim(buf_copy(&meant, arena));
    return value.p ? value : S("");
}

static void add(struct buf *out, const char *name, str value)
{
    buf_add_char(out, ' ');
    buf_add(out, str_from(name));
    buf_add(out, S("=\""));
    markup_escape(out, value);
    buf_add_char(out, '"');
}

static bool is_one_of(str value, const char *const *choices)
{
    for (; *choices; choices++) {
        if (str_eq(value, str_from(*choices))) {
            return true;
        }
    }
    return false;
}

static bool is_language(str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (!is_ascii_letter(value.p[i]) && !is_ascii_digit(value.p[i]) && value.p[i] != '-') {
            return false;
        }
    }
    return value.n > 1 && value.n <= LANGUAGE_MOST && is_ascii_letter(value.p[0]) && value.p[value.n - 1] != '-';
}

static bool is_instant(str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (!is_ascii_digit(value.p[i]) && !is_ascii_letter(value.p[i]) && !strchr("-:.+ ", value.p[i])) {
            return false;
        }
    }
    return value.n && value.n <= INSTANT_MOST;
}

/* A whole number between two others. */
static void add_number(struct buf *out, const char *name, str value, int64_t least, int64_t most)
{
    int64_t number;
    if (num_read_int(value, &number) && number >= least && number <= most) {
        char digits[NUM_INT_BYTES];
        add(out, name, (str){digits, num_write_int(digits, number)});
    }
}

static void add_common(struct buf *out, struct arena *arena, const struct piece *piece)
{
    static const char *const directions[] = {"ltr", "rtl", "auto", NULL};
    str direction = str_lower_ascii(arena, attribute_value(arena, piece, ATTRIBUTE_DIR));
    str language = attribute_value(arena, piece, ATTRIBUTE_LANG);
    str title = str_trim(utf8_truncate(attribute_value(arena, piece, ATTRIBUTE_TITLE), TITLE_MOST));
    if (is_one_of(direction, directions)) {
        add(out, "dir", direction);
    }
    if (is_language(language)) {
        add(out, "lang", language);
    }
    if (title.n) {
        add(out, "title", title);
    }
}

static void add_own(struct buf *out, struct arena *arena, const struct piece *piece)
{
    static const char *const scopes[] = {"row", "col", "rowgroup", "colgroup", NULL};
    enum element_id id = piece->id;
    if (element_is_one_of(id, BIT(TD) | BIT(TH))) {
        add_number(out, "colspan", attribute_value(arena, piece, ATTRIBUTE_COLSPAN), 2, SPAN_MOST);
        add_number(out, "rowspan", attribute_value(arena, piece, ATTRIBUTE_ROWSPAN), 2, SPAN_MOST);
    }
    str scope = str_lower_ascii(arena, attribute_value(arena, piece, ATTRIBUTE_SCOPE));
    if (id == ELEMENT_TH && is_one_of(scope, scopes)) {
        add(out, "scope", scope);
    }
    if (id == ELEMENT_OL) {
        add_number(out, "start", attribute_value(arena, piece, ATTRIBUTE_START), -START_MOST, START_MOST);
    }
    str instant = attribute_value(arena, piece, ATTRIBUTE_DATETIME);
    if (element_is_one_of(id, BIT(TIME) | BIT(DEL) | BIT(INS)) && is_instant(instant)) {
        add(out, "datetime", instant);
    }
}

str attributes_of_link(struct arena *arena, str address, bool is_elsewhere)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    add(&out, "href", address);
    if (is_elsewhere) {
        add(&out, "rel", S("nofollow ugc noopener noreferrer"));
    }
    return buf_copy(&out, arena);
}

str attributes_written(struct arena *arena, const struct piece *piece)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    if (piece->id == ELEMENT_A) {
        str address;
        bool is_elsewhere;
        if (!address_check(arena, attribute_value(arena, piece, ATTRIBUTE_HREF), &address, &is_elsewhere)) {
            return STR_NONE;
        }
        buf_add(&out, attributes_of_link(arena, address, is_elsewhere));
    }
    add_own(&out, arena, piece);
    add_common(&out, arena, piece);
    return out.n ? buf_copy(&out, arena) : S("");
}
