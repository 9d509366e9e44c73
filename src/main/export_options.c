#include "main/export_options.h"

#include "base/vec.h"

/* Formats with column headings, and those of them that write lists as one text. */
#define HEADINGS "csv parquet xlsx shp kml gpx fgb mvt"
#define JOINED_LISTS "csv xlsx shp kml gpx fgb mvt"

/* Options that only some formats have; in the API the others ignore them. */
static const struct {
    const char *option;
    const char *formats; /* separated by blanks */
} limited[] = {{"use-labels", HEADINGS},
               {"list-separator", JOINED_LISTS},
               {"delimiter", "csv"},
               {"quote-all", "csv"},
               {"with-bom", "csv"},
               {"parquet-compression", "parquet"},
               {"epsg", "geojson shp fgb"},
               {"name-field", "gpx"},
               {"description-field-list", "gpx"},
               {"use-extension", "gpx"}};

static bool is_among(str name, const char *names)
{
    str rest = str_from(names);
    str part;
    while (str_split(&rest, ' ', &part)) {
        if (str_eq(part, name)) {
            return true;
        }
    }
    return false;
}

static enum err check_format_has(struct scope *scope, const struct command_line *line,
                                 const struct format *format)
{
    for (size_t i = 0; i < ARRAY_LENGTH(limited); i++) {
        if (option_flag(line, limited[i].option) && !is_among(format->name, limited[i].formats)) {
            return fail(scope, ERR_USAGE, "--%s: the format %.*s has no such option; %s %s",
                        limited[i].option, STR_ARG(format->name), limited[i].formats,
                        strchr(limited[i].formats, ' ') ? "have" : "has");
        }
    }
    return ERR_OK;
}

static const str *read_repeated(struct scope *scope, const struct command_line *line,
                                const char *name, size_t *ret_count)
{
    VEC(str) texts = {0};
    const char *text;
    for (size_t i = 0; (text = option_repeated(line, name, i)); i++) {
        vec_add(&scope->arena, &texts, str_from(text));
    }
    *ret_count = texts.count;
    return texts.items;
}

static enum err read_str(struct scope *scope, const struct command_line *line, const char *name,
                         str *ret)
{
    const char *text;
    TRY(option_text(scope, line, name, &text));
    *ret = str_from(text);
    return ERR_OK;
}

static enum err read_language(struct scope *scope, const struct command_line *line, str *ret)
{
    str code;
    size_t count;
    TRY(read_str(scope, line, "lang", &code));
    if (code.n == 0 || odsql_language_find(code, ret)) {
        return ERR_OK;
    }
    const str *languages = odsql_languages(&count);
    str codes = str_join(&scope->arena, languages, count, sizeof(*languages), S(" "));
    return option_wrong(scope, line, "lang",
                        str_printf(&scope->arena, "one of %.*s", STR_ARG(codes)).p);
}

static enum err read_zone(struct scope *scope, const struct command_line *line,
                          struct export_wish *wish)
{
    str name;
    TRY(read_str(scope, line, "timezone", &name));
    wish->options.zone = zone_find(name);
    if (!wish->options.zone) {
        return option_wrong(scope, line, "timezone", "a time zone such as Europe/Brussels");
    }
    wish->clauses.timezone = zone_name(wish->options.zone);
    return ERR_OK;
}

static enum err read_clauses(struct scope *scope, const struct command_line *line,
                             struct clauses *clauses)
{
    clauses->now = clock_wall();
    clauses->any_limit = true;
    clauses->where = read_repeated(scope, line, "where", &clauses->where_count);
    clauses->refine = read_repeated(scope, line, "refine", &clauses->refine_count);
    clauses->exclude = read_repeated(scope, line, "exclude", &clauses->exclude_count);
    TRY(read_str(scope, line, "select", &clauses->select));
    TRY(read_str(scope, line, "group-by", &clauses->group_by));
    TRY(read_str(scope, line, "order-by", &clauses->order_by));
    TRY(option_number(scope, line, "limit", -1, INT64_MAX, &clauses->limit));
    TRY(option_number(scope, line, "offset", 0, INT64_MAX, &clauses->offset));
    return read_language(scope, line, &clauses->lang);
}

static enum err read_format(struct scope *scope, const struct command_line *line,
                            const struct format **ret_format)
{
    size_t count;
    str name;
    TRY(read_str(scope, line, "format", &name));
    *ret_format = format_find(name);
    if (*ret_format) {
        return ERR_OK;
    }
    const struct format *formats = formats_all(&count);
    str names = str_join(&scope->arena, formats, count, sizeof(*formats), S(", "));
    return option_wrong(scope, line, "format",
                        str_printf(&scope->arena, "one of %.*s", STR_ARG(names)).p);
}

static enum err read_csv(struct scope *scope, const struct command_line *line,
                         struct format_options *options)
{
    str delimiter;
    TRY(read_str(scope, line, "delimiter", &delimiter));
    if (!format_delimiter_find(delimiter, &options->delimiter)) {
        return option_wrong(scope, line, "delimiter", FORMAT_DELIMITERS);
    }
    options->quote_all = option_flag(line, "quote-all");
    TRY(option_switch(scope, line, "with-bom", &options->with_bom));
    return read_str(scope, line, "list-separator", &options->list_separator);
}

static enum err read_gpx(struct scope *scope, const struct command_line *line,
                         struct format_options *options)
{
    str names;
    TRY(option_switch(scope, line, "use-extension", &options->use_extension));
    TRY(read_str(scope, line, "name-field", &options->name_field));
    TRY(read_str(scope, line, "description-field-list", &names));
    options->description_fields =
        format_names_read(&scope->arena, names, &options->description_field_count);
    return ERR_OK;
}

enum err export_options_read(struct scope *scope, const struct command_line *line,
                             struct export_wish *ret_wish)
{
    struct export_wish wish = {.options = format_options_default()};
    str compression;
    TRY(read_format(scope, line, &wish.format));
    TRY(check_format_has(scope, line, wish.format));
    TRY(read_clauses(scope, line, &wish.clauses));
    TRY(read_zone(scope, line, &wish));
    TRY(read_csv(scope, line, &wish.options));
    TRY(read_gpx(scope, line, &wish.options));
    TRY(option_number(scope, line, "epsg", 1, INT32_MAX, &wish.options.epsg));
    TRY(read_str(scope, line, "parquet-compression", &compression));
    if (!format_compression_find(compression, &wish.options.compression)) {
        return option_wrong(scope, line, "parquet-compression", FORMAT_COMPRESSIONS);
    }
    wish.options.use_labels = option_flag(line, "use-labels");
    wish.is_compressed = option_flag(line, "compressed");
    *ret_wish = wish;
    return ERR_OK;
}
