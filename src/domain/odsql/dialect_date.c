/* Dates in the SQL of both engines. */
#include "base/buf.h"
#include "base/date.h"
#include "domain/odsql/dialect.h"
#include "platform/text/date_pattern.h"

#define NAME_SEPARATOR '\x1f'

/* Nothing but numbers of ours. */
static str changes_text(struct arena *arena, const struct zone *zone)
{
    struct buf text = {0};
    const usec *starts;
    const int *offsets;
    int first;
    size_t count = zone_changes(zone, &starts, &offsets, &first);
    buf_add(&text, S(", '{"));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%lld", i ? "," : "", (long long)(starts[i] / USEC_SECOND));
    }
    buf_printf(&text, "}'::double precision[], '{%d", first);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, ",%d", offsets[i]);
    }
    buf_add(&text, S("}'::integer[]"));
    str copy = buf_copy(&text, arena);
    buf_done(&text);
    return copy;
}

void append_zone(struct translation *translation, struct sql *out)
{
    if (is_postgres(translation->source)) {
        if (!translation->zone_changes.p) {
            translation->zone_changes = changes_text(&translation->scope->arena, translation->zone);
        }
        sql_text_constant(out, translation->zone_changes);
        return;
    }
    sql_text(out, ", ");
    sql_bind(out, cell_text(zone_name(translation->zone)));
    sql_text(out, "::text");
}

void append_instant_of_local(struct translation *translation, const struct sql *local, struct sql *out)
{
    if (is_postgres(translation->source)) {
        sql_text(out, "later_instant(");
        sql_join(out, local);
        append_zone(translation, out);
        sql_text(out, ")");
        return;
    }
    sql_text(out, "timezone('UTC', timezone(");
    sql_bind(out, cell_text(zone_name(translation->zone)));
    sql_text(out, "::text, ");
    sql_join(out, local);
    sql_text(out, "))");
}

void append_edge_text(struct translation *translation, bool is_instant, const struct sql *time,
                      struct sql *out)
{
    bool is_utc = str_eq(zone_name(translation->zone), S("UTC"));
    sql_text_constant(out, is_instant ? S("instant_text(") : S("zoned_text("));
    sql_join(out, time);
    append_zone(translation, out);
    if (is_postgres(translation->source)) {
        sql_text_constant(out, is_utc ? S(", true") : S(", false"));
    }
    sql_text(out, ")");
}

void append_date_part(const struct source *source, str part, const struct sql *local, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("whole_date_part('") : S("date_part('"));
    sql_text_constant(out, part);
    sql_text(out, "', ");
    sql_join(out, local);
    sql_text(out, ")");
}

void append_date_path(const struct source *source, const struct sql *local, struct sql *out)
{
    sql_text_constant(out, is_postgres(source) ? S("to_char(") : S("strftime("));
    sql_join(out, local);
    sql_text_constant(out, is_postgres(source) ? S(", 'YYYY/MM/DD') collate \"C\"") : S(", '%Y/%m/%d')"));
}

/* What to_char() of PostgreSQL calls the letters that stand for digits. */
static const struct {
    str letters;
    str template;
} digit_rows[] = {
    {{"yyyy", 4}, {"YYYY", 4}},  {{"YYYY", 4}, {"YYYY", 4}},  {{"yy", 2}, {"YY", 2}},
    {{"YY", 2}, {"YY", 2}},      {{"xxxx", 4}, {"IYYY", 4}},  {{"xx", 2}, {"IY", 2}},
    {{"w", 1}, {"FMIW", 4}},     {{"ww", 2}, {"IW", 2}},      {{"e", 1}, {"ID", 2}},
    {{"D", 1}, {"FMDDD", 5}},    {{"DDD", 3}, {"DDD", 3}},    {{"M", 1}, {"FMMM", 4}},
    {{"MM", 2}, {"MM", 2}},      {{"d", 1}, {"FMDD", 4}},     {{"dd", 2}, {"DD", 2}},
    {{"H", 1}, {"FMHH24", 6}},   {{"HH", 2}, {"HH24", 4}},    {{"m", 1}, {"FMMI", 4}},
    {{"mm", 2}, {"MI", 2}},      {{"s", 1}, {"FMSS", 4}},     {{"ss", 2}, {"SS", 2}},
};

static str find_digits(str letters)
{
    for (size_t i = 0; i < ARRAY_LENGTH(digit_rows); i++) {
        if (str_eq(letters, digit_rows[i].letters)) {
            return digit_rows[i].template;
        }
    }
    return STR_NONE;
}

/* to_char() with a template of digits and text. */
struct template {
    struct buf text;
    bool in_quotes;
};

/* Text stands in quotes; empty ones keep what is before and behind apart. */
static void add_to_template(const struct date_piece *piece, struct template *template)
{
    struct buf *out = &template->text;
    if (template->in_quotes == piece->is_letters) {
        buf_add_char(out, '"');
        template->in_quotes = !piece->is_letters;
    }
    if (piece->is_letters) {
        buf_add(out, find_digits(piece->text));
        buf_add(out, S("\"\""));
        return;
    }
    for (size_t i = 0; i < piece->text.n; i++) {
        if (piece->text.p[i] == '"' || piece->text.p[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, piece->text.p[i]);
    }
}

static void append_template(const struct sql *local, struct template *template, struct sql *out)
{
    if (template->text.n == 0) {
        return;
    }
    if (template->in_quotes) {
        buf_add_char(&template->text, '"');
    }
    sql_text(out, " || to_char(");
    sql_join(out, local);
    sql_text(out, ", ");
    sql_bind(out, cell_text(buf_copy(&template->text, out->arena)));
    sql_text(out, "::text)");
    buf_clear(&template->text);
    template->in_quotes = false;
}

static void append_name(str names, bool is_month, const struct sql *local, struct sql *out)
{
    sql_text(out, " || split_part(");
    sql_bind(out, cell_text(names));
    sql_text_constant(out, is_month ? S("::text, e'\\x1f', date_part('month', ")
                                    : S("::text, e'\\x1f', date_part('isodow', "));
    sql_join(out, local);
    sql_text(out, ")::integer)");
}

static void append_postgres_words(const struct translation *translation, str pattern,
                                  const struct sql *local, struct sql *out)
{
    struct template template = {.in_quotes = false};
    struct date_pattern_place place = {0};
    struct date_piece piece;
    const struct date_names *names = date_names_find(translation->lang);
    sql_text(out, "(case when isfinite(");
    sql_join(out, local);
    sql_text(out, ") then ''");
    while (date_pattern_next(pattern, &place, &piece)) {
        str words = piece.is_letters ? date_pattern_names(out->arena, names, pattern, piece.text,
                                                          NAME_SEPARATOR)
                                     : STR_NONE;
        if (words.p) {
            append_template(local, &template, out);
            append_name(words, piece.text.p[0] == 'M', local, out);
        } else {
            add_to_template(&piece, &template);
        }
    }
    append_template(local, &template, out);
    buf_done(&template.text);
    sql_text(out, " end)");
    append_collation(translation->source, out);
}

void append_date_words(const struct translation *translation, str pattern, const struct sql *local,
                       struct sql *out)
{
    if (is_postgres(translation->source)) {
        append_postgres_words(translation, pattern, local, out);
        return;
    }
    sql_text(out, "date_words(");
    sql_join(out, local);
    sql_text(out, ", ");
    sql_bind(out, cell_text(pattern));
    sql_text(out, "::text, ");
    sql_bind(out, cell_text(translation->lang));
    sql_text(out, "::text)");
}
