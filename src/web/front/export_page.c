/* A dataset to take away: every format that suits it, what each is good for, and how programs fetch it. */
#include "base/vec.h"
#include "domain/catalog/attachment.h"
#include "web/front/explore.h"
#include "web/front/export_size.h"
#include "web/front/format_text.h"

struct format_item {
    str name, title, help, size;
    str address; /* of the filtered records, or of all */
    str whole;   /* of all, when a filter is active */
    str too_many; /* says so where the format does not hold the records; else empty */
    bool fits;
};

struct group_view {
    str name, title;
    struct tpl_list formats;
};

struct snippet_view {
    str name, title, hint, code;
    bool is_open;
};

struct file_view {
    str title, address, note;
};

struct export_view {
    str names_address, labels_address, key_header, download;
    bool use_labels, narrows, has_files, has_alternatives, is_restricted;
    struct tpl_list groups, snippets, files, alternatives;
};

static const struct tpl_member format_members[] = {
    TPL_TEXT(struct format_item, name), TPL_TEXT(struct format_item, title),
    TPL_TEXT(struct format_item, help), TPL_TEXT(struct format_item, size),
    TPL_TEXT(struct format_item, too_many), TPL_BOOL(struct format_item, fits),
    TPL_URL(struct format_item, address), TPL_URL(struct format_item, whole)};
static const struct tpl_struct format_struct = TPL_STRUCT(struct format_item, format_members);

static const struct tpl_member group_members[] = {
    TPL_TEXT(struct group_view, name), TPL_TEXT(struct group_view, title),
    TPL_LIST(struct group_view, formats, format_struct)};
static const struct tpl_struct group_struct = TPL_STRUCT(struct group_view, group_members);

static const struct tpl_member snippet_members[] = {
    TPL_TEXT(struct snippet_view, name), TPL_TEXT(struct snippet_view, title),
    TPL_TEXT(struct snippet_view, hint), TPL_TEXT(struct snippet_view, code),
    TPL_BOOL(struct snippet_view, is_open)};
static const struct tpl_struct snippet_struct = TPL_STRUCT(struct snippet_view, snippet_members);

static const struct tpl_member file_members[] = {TPL_TEXT(struct file_view, title),
                                                 TPL_URL(struct file_view, address),
                                                 TPL_TEXT(struct file_view, note)};
static const struct tpl_struct file_struct = TPL_STRUCT(struct file_view, file_members);

static const struct tpl_member export_members[] = {
    TPL_TEXT(struct export_view, download), TPL_URL(struct export_view, names_address), TPL_URL(struct export_view, labels_address),
    TPL_TEXT(struct export_view, key_header),
    TPL_BOOL(struct export_view, use_labels),
    TPL_BOOL(struct export_view, narrows), TPL_BOOL(struct export_view, has_files),
    TPL_BOOL(struct export_view, has_alternatives), TPL_BOOL(struct export_view, is_restricted),
    TPL_LIST(struct export_view, groups, group_struct),
    TPL_LIST(struct export_view, snippets, snippet_struct),
    TPL_LIST(struct export_view, files, file_struct),
    TPL_LIST(struct export_view, alternatives, file_struct)};
static const struct tpl_struct export_struct = TPL_STRUCT(struct export_view, export_members);
const struct tpl_binding dataset_export_template = {"front/dataset_export", &export_struct};

/* ---- addresses ---- */

/* The options of a download: headings, the language that labels are in, and in which zone times are shown. */
static str options_query(const struct dataset_page *page, const struct format_text *text, bool use_labels)
{
    struct buf query cleanup_with(buf_cleanup) = {0};
    if (use_labels && text && text->has_headings) {
        buf_add(&query, S("use_labels=true"));
        if (page->clauses.lang.n) {
            buf_printf(&query, "&lang=%.*s", STR_ARG(page->clauses.lang));
        }
    }
    if (!str_eq(zone_name(page->zone), S("UTC"))) {
        buf_add(&query, query.n ? S("&timezone=") : S("timezone="));
        url_encode(&query, zone_name(page->zone));
    }
    return buf_copy(&query, &page->call->scope->arena);
}

static str export_address(const struct dataset_page *page, str format, str filter, str options)
{
    struct arena *arena = &page->call->scope->arena;
    str address = dataset_api_address(page, str_printf(arena, "/exports/%.*s", STR_ARG(format)));
    return str_printf(arena, "%.*s%s%.*s%s%.*s", STR_ARG(address), filter.n || options.n ? "?" : "",
                      STR_ARG(filter), filter.n && options.n ? "&" : "", STR_ARG(options));
}

/* ---- formats ---- */

static str size_text(const struct dataset_page *page, const struct export_size *size)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    if (size->bytes <= 0) {
        return S("");
    }
    str bytes = format_bytes(arena, lang, size->bytes);
    return size->is_exact ? bytes
                          : message_text(arena, lang, MSG_EXPORT_ABOUT, &ARG_TEXT("size", bytes), 1);
}

static bool holds(const struct format *format, int64_t records)
{
    return format->records_most == 0 || records <= format->records_most;
}

static enum err make_item(struct dataset_page *page, const struct format *format,
                          const struct format_text *text, bool use_labels, struct format_item *ret_item)
{
    struct call *call = page->call;
    str options = options_query(page, text, use_labels);
    struct format_item item = {.name = format->name,
                               .title = text ? str_from(text->title) : format->name,
                               .help = text ? message_plain(call->language, text->help) : S("")};
    struct format_options measured = format_options_default();
    struct export_size size = {0};
    measured.zone = page->zone;
    measured.use_labels = use_labels && text && text->has_headings;
    measured.dataset_id = page->dataset->id;
    measured.title = page->title;
    item.address = export_address(page, format->name, dataset_api_query(page), options);
    item.whole = filter_narrows(&page->filter) && holds(format, page->dataset->records_count)
                     ? export_address(page, format->name, dataset_api_version(page), options)
                     : S("");
    item.fits = holds(format, page->total);
    if (!item.fits) {
        item.too_many = message_text(&call->scope->arena, call->language, MSG_EXPORT_TOO_MANY,
                                     &ARG_INT("most", format->records_most), 1);
    } else if (!page->fault.n) {
        TRY(export_size(page, format, &measured, &size));
        item.size = size_text(page, &size);
    }
    *ret_item = item;
    return ERR_OK;
}

static enum err list_groups(struct dataset_page *page, bool use_labels, struct tpl_list *ret_groups)
{
    static const struct {
        const char *name;
        enum message title;
    } groups[] = {[GROUP_TABLES] = {"tables", MSG_EXPORT_TABLES},
                  [GROUP_GEOGRAPHIC] = {"geographic", MSG_EXPORT_GEOGRAPHIC},
                  [GROUP_PROGRAMS] = {"programs", MSG_EXPORT_PROGRAMS}};
    struct arena *arena = &page->call->scope->arena;
    VEC(struct group_view) views = {0};
    size_t count;
    const struct format *formats = formats_all(&count);
    for (int group = 0; group < GROUP__COUNT; group++) {
        VEC(struct format_item) items = {0};
        for (size_t i = 0; i < count; i++) {
            const struct format_text *text = format_text_find(formats[i].name);
            enum format_group own = text ? text->group : GROUP_PROGRAMS;
            bool is_geographic = (formats[i].flags & FORMAT_GEOGRAPHIC) || own == GROUP_GEOGRAPHIC;
            if ((int)own == group && (page->has_places || !is_geographic)) {
                struct format_item item;
                TRY(make_item(page, &formats[i], text, use_labels, &item));
                vec_add(arena, &items, item);
            }
        }
        if (items.count) {
            vec_add(arena, &views,
                    (struct group_view){str_from(groups[group].name),
                                        message_plain(page->call->language, groups[group].title),
                                        {items.items, items.count}});
        }
    }
    *ret_groups = (struct tpl_list){views.items, views.count};
    return ERR_OK;
}

/* ---- snippets: addresses are percent-coded, so that no quotes of theirs end a text ---- */

struct snippet_addresses {
    str csv, json, parquet;
    str id;
    bool narrows;
};

static str curl_code(struct arena *arena, const struct snippet_addresses *at)
{
    return str_printf(arena, "curl --fail --output %.*s.csv '%.*s'", STR_ARG(at->id), STR_ARG(at->csv));
}

static str python_code(struct arena *arena, const struct snippet_addresses *at)
{
    return str_printf(arena,
                      "import csv\nimport io\nfrom urllib.request import urlopen\n\n"
                      "URL = \"%.*s\"\n\n"
                      "with urlopen(URL) as response:\n"
                      "    text = io.TextIOWrapper(response, encoding=\"utf-8-sig\", newline=\"\")\n"
                      "    records = list(csv.DictReader(text, delimiter=\";\"))\n\n"
                      "print(len(records), \"records, the first:\", records[:1])",
                      STR_ARG(at->csv));
}

static str pandas_code(struct arena *arena, const struct snippet_addresses *at)
{
    return str_printf(arena,
                      "import io\n\nimport pandas\nimport requests\n\n"
                      "response = requests.get(\"%.*s\")\nresponse.raise_for_status()\n"
                      "table = pandas.read_csv(io.BytesIO(response.content), sep=\";\")\n"
                      "print(table.describe())",
                      STR_ARG(at->csv));
}

static str r_code(struct arena *arena, const struct snippet_addresses *at)
{
    return str_printf(arena,
                      "url <- \"%.*s\"\n"
                      "table <- read.csv2(url, dec = \".\", fileEncoding = \"UTF-8-BOM\", check.names = FALSE)\n"
                      "summary(table)",
                      STR_ARG(at->csv));
}

static str javascript_code(struct arena *arena, const struct snippet_addresses *at)
{
    return str_printf(arena,
                      "const response = await fetch('%.*s');\n"
                      "if (!response.ok) throw new Error(await response.text());\n"
                      "const records = await response.json();\n"
                      "console.log(records.length, 'records, the first:', records[0]);",
                      STR_ARG(at->json));
}

/* Programs read parts of the kept Parquet file from afar; what a filter leaves is made for each request. */
static str duckdb_code(struct arena *arena, const struct snippet_addresses *at)
{
    return at->narrows ? str_printf(arena,
                                    "-- first, in a shell: curl --fail --output %.*s.csv '%.*s'\n"
                                    "SELECT * FROM read_csv('%.*s.csv', delim = ';', header = true) LIMIT 10;",
                                    STR_ARG(at->id), STR_ARG(at->csv), STR_ARG(at->id))
                       : str_printf(arena,
                                    "INSTALL httpfs;\nLOAD httpfs;\n"
                                    "SELECT * FROM read_parquet('%.*s') LIMIT 10;",
                                    STR_ARG(at->parquet));
}

static struct tpl_list list_snippets(struct dataset_page *page, bool use_labels)
{
    static const struct {
        const char *name, *title;
        str (*code)(struct arena *arena, const struct snippet_addresses *at);
    } kinds[] = {{"curl", "curl", curl_code},     {"python", "Python", python_code},
                 {"pandas", "pandas", pandas_code}, {"r", "R", r_code},
                 {"javascript", "JavaScript", javascript_code}, {"duckdb", "DuckDB", duckdb_code}};
    struct arena *arena = &page->call->scope->arena;
    const struct format_text *csv = format_text_find(S("csv"));
    str filter = dataset_api_query(page);
    str plain = options_query(page, NULL, false);
    struct snippet_addresses at = {
        .csv = export_address(page, S("csv"), filter, options_query(page, csv, use_labels)),
        .json = export_address(page, S("json"), filter, plain),
        .parquet = export_address(page, S("parquet"), dataset_api_version(page), STR_NONE),
        .id = page->dataset->id,
        .narrows = filter.n > 0};
    struct snippet_view *views = arena_array(arena, struct snippet_view, ARRAY_LENGTH(kinds));
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        views[i] = (struct snippet_view){.name = str_from(kinds[i].name),
                                         .title = str_from(kinds[i].title),
                                         .code = kinds[i].code(arena, &at),
                                         .is_open = i == 0};
    }
    return (struct tpl_list){views, ARRAY_LENGTH(kinds)};
}

/* ---- files ---- */

static enum err list_attachments(struct dataset_page *page, struct tpl_list *ret_files)
{
    struct call *call = page->call;
    const struct attachment *attachments;
    size_t count;
    TRY(attachments_of(call->scope, page->dataset, &attachments, &count));
    struct file_view *views = arena_array(&call->scope->arena, struct file_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        str path = str_printf(&call->scope->arena, "/attachments/%.*s", STR_ARG(attachments[i].id));
        views[i] = (struct file_view){
            .title = attachments[i].title,
            .address = dataset_api_address(page, path),
            .note = format_bytes(&call->scope->arena, call->language, attachments[i].bytes)};
    }
    *ret_files = (struct tpl_list){views, count};
    return ERR_OK;
}

static struct tpl_list list_alternatives(struct dataset_page *page)
{
    const json_t *list = json_object_get(page->metadata, "alternative_exports");
    size_t count = json_array_size(list);
    struct file_view *views = arena_array(&page->call->scope->arena, struct file_view, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *export = json_array_get(list, i);
        str description = json_read_text(json_object_get(export, "description"));
        str type = json_read_text(json_object_get(export, "mimetype"));
        views[i] = (struct file_view){.title = json_read_text(json_object_get(export, "title")),
                                      .address = json_read_text(json_object_get(export, "url")),
                                      .note = description.n ? description
                                              : type.n      ? type
                                                            : S("")};
    }
    return (struct tpl_list){views, count};
}

/* ---- the page ---- */

/* The page itself with the other choice of headings. */
static str headings_address(struct dataset_page *page, str extra)
{
    struct facet_context context = dataset_facet_context(page);
    context.extra = extra;
    return facet_address(&context, &page->filter);
}

enum err dataset_export_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    struct export_view view = {0};
    TRY(dataset_page_open(call, TAB_EXPORT, &page));
    bool use_labels = str_eq(call_query(call, S("use_labels")), S("true"));
    view.use_labels = use_labels;
    view.download = page.fault.n ? message_plain(call->language, MSG_EXPORT_DOWNLOAD)
                                 : message_text(&call->scope->arena, call->language, MSG_EXPORT_DOWNLOAD_RECORDS,
                                                &ARG_INT("count", page.total), 1);
    view.narrows = filter_narrows(&page.filter);
    view.is_restricted = page.dataset->is_restricted;
    view.key_header = S("Authorization: Apikey …");
    view.names_address = headings_address(&page, STR_NONE);
    view.labels_address = headings_address(&page, S("use_labels=true"));
    page.extra = use_labels ? S("use_labels=true") : STR_NONE;
    enum err result = list_groups(&page, use_labels, &view.groups);
    if (dataset_page_excuse(&page, result)) {
        result = list_groups(&page, use_labels, &view.groups); /* without sizes */
    }
    TRY(result);
    view.snippets = list_snippets(&page, use_labels);
    TRY(list_attachments(&page, &view.files));
    view.alternatives = list_alternatives(&page);
    view.has_files = view.files.count > 0;
    view.has_alternatives = view.alternatives.count > 0;
    struct dataset_body body = {.binding = &dataset_export_template,
                                .data = &view,
                                .title = MSG_DATASET_EXPORT,
                                .has_filters = true};
    return dataset_page_send(&page, &body);
}
