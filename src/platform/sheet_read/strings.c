/* The texts that cells of an XLSX share (ECMA-376 part 1, 18.4). */
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

/* The character that _xHHHH_ at p stands for; 0: none, or one that cannot stand alone. */
static uint32_t escaped(const char *p, size_t n)
{
    uint32_t code = 0;
    if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_') {
        return 0;
    }
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) {
            return 0;
        }
        code = code * 16 + (uint32_t)digit;
    }
    return code >= 0xd800 && code <= 0xdfff ? 0 : code;
}

void unescape(struct buf *text, size_t from)
{
    size_t out = from;
    if (!text->p || !memchr(text->p + from, '_', text->n - from)) {
        return;
    }
    for (size_t i = from; i < text->n;) {
        uint32_t code = text->p[i] == '_' ? escaped(text->p + i, text->n - i) : 0;
        if (code) {
            out += utf8_write(text->p + out, code);
            i += 7;
        } else {
            text->p[out++] = text->p[i++];
        }
    }
    text->n = out;
}

/* ---- the table ---- */

struct table {
    struct strings *strings;
    struct buf text; /* of the item so far */
    int items;       /* depth */
    int phonetic;
    bool captures;
};

static enum err on_start(struct part *part, const struct element *element)
{
    struct table *table = part->user;
    if (str_eq(element->name, S("si"))) {
        table->items++;
        buf_clear(&table->text);
    } else if (str_eq(element->name, S("rPh"))) {
        table->phonetic++;
    } else if (str_eq(element->name, S("t"))) {
        table->captures = table->items && !table->phonetic;
    }
    return ERR_OK;
}

static enum err add_string(struct part *part, struct table *table)
{
    struct strings *strings = table->strings;
    size_t start = strings->bytes.n;
    unescape(&table->text, 0);
    if (start + table->text.n + (strings->count + 2) * sizeof(size_t) > LIMIT_SHARED_STRINGS_BYTES) {
        return fail_in_words(part->scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_TEXTS_LARGE,
                             SAYS(ARG_TEXT("file", str_from(part->shown)),
                                  argument_digits(&part->scope->arena, "most", LIMIT_SHARED_STRINGS_BYTES >> 20)));
    }
    buf_add(&strings->starts, (str){(const char *)&start, sizeof(start)});
    buf_add(&strings->bytes, buf_str(&table->text));
    strings->count++;
    return ERR_OK;
}

static enum err on_end(struct part *part, str name)
{
    struct table *table = part->user;
    if (str_eq(name, S("t"))) {
        table->captures = false;
    } else if (str_eq(name, S("rPh"))) {
        table->phonetic--;
    } else if (str_eq(name, S("si"))) {
        table->items--;
        return add_string(part, table);
    }
    return ERR_OK;
}

static enum err on_text(struct part *part, str text)
{
    struct table *table = part->user;
    return table->captures ? cell_text_add(part, &table->text, text) : ERR_OK;
}

enum err strings_read(struct scope *scope, struct zip *archive, const char *shown, const char *name,
                      struct strings *strings)
{
    static const struct part_handler handler = {on_start, on_end, on_text};
    struct table table = {.strings = strings};
    enum err result = part_read(scope, archive, shown, name, &handler, &table);
    buf_done(&table.text);
    return result;
}

bool strings_find(const struct strings *strings, str index, str *ret_text)
{
    const size_t *starts = (const size_t *)(const void *)strings->starts.p;
    int64_t at;
    if (!num_read_int(str_trim(index), &at) || at < 0 || (uint64_t)at >= strings->count) {
        return false;
    }
    size_t next = (size_t)at + 1 < strings->count ? starts[at + 1] : strings->bytes.n;
    *ret_text = str_slice(buf_str(&strings->bytes), starts[at], next);
    return true;
}

void strings_done(struct strings *strings)
{
    buf_done(&strings->bytes);
    buf_done(&strings->starts);
}
