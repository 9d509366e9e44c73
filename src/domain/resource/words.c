#include "domain/resource/words.h"

#include "base/buf.h"

/* Longer ones first. A star stands for anything but a blank and what ends a clause, and is said again. */
static const struct {
    str option, words;
} rows[] = {
    {S("use --type *=text to keep it as text, or --on-error skip to leave such rows out"),
     S("choose the type text for the field * to keep it as text, or choose to leave out rows that do not fit")},
    {S("use --on-error skip to leave such rows out"), S("choose to leave out rows that do not fit")},
    {S("--type *=geo_shape names the first"), S("choose the type geo_shape for * to see the first")},
    {S("choose one with --layer NAME"), S("choose one under “How the file is read”")},
    {S("choose one with --sheet NAME"), S("choose one under “How the file is read”")},
    {S("--header-row N names another"), S("the row of the header can be chosen under “How the file is read”")},
    {S("--header-row N names one"), S("it can be chosen under “How the file is read”")},
    {S("import with --replace to change it"), S("replace all records to change it")},
    {S("needs --source-epsg"), S("needs the number of the reference system, such as")},
    {S("--source-epsg:"), S("Reference system:")},
    {S("--source-epsg"), S("a reference system, as in")},
    {S("--header-row:"), S("Header row:")},
    {S("--layer:"), S("Layer:")},
    {S("--sheet:"), S("Sheet:")},
    {S("--format:"), S("Format:")},
    {S("--geo-point *:"), S("The point *:")},
};

static bool is_of_name(char c)
{
    return c != ' ' && c != ',' && c != ';' && c != ':' && c != '=';
}

/* Whether text begins with an option; ret_named: what stood for the star. */
static bool fits(str text, str option, size_t *ret_length, str *ret_named)
{
    size_t star = str_find_char(option, '*', 0);
    if (star == SIZE_MAX) {
        *ret_length = option.n;
        return str_starts(text, option);
    }
    size_t end = star;
    if (!str_starts(text, str_slice(option, 0, star))) {
        return false;
    }
    while (end < text.n && is_of_name(text.p[end])) {
        end++;
    }
    str rest = str_slice(option, star + 1, option.n);
    *ret_named = str_slice(text, star, end);
    *ret_length = end + rest.n;
    return str_starts(str_slice(text, end, text.n), rest);
}

static void add_words(struct buf *out, str words, str named)
{
    for (size_t i = 0; i < words.n; i++) {
        if (words.p[i] == '*') {
            buf_add(out, named);
        } else {
            buf_add_char(out, words.p[i]);
        }
    }
}

static size_t replace(struct buf *out, str text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        size_t length;
        str named = STR_NONE;
        if (fits(text, rows[i].option, &length, &named)) {
            add_words(out, rows[i].words, named);
            return length;
        }
    }
    buf_add_char(out, text.p[0]);
    return 1;
}

str resource_words(struct arena *arena, str message)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t at = 0; at < message.n;) {
        at += replace(&out, str_slice(message, at, message.n));
    }
    return buf_copy(&out, arena);
}
