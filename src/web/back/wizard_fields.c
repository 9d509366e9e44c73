/* How the file is read, which fields it has, and what they become. */
#include "base/num.h"
#include "domain/resource/publication.h"
#include "web/back/wizard.h"

struct field_item {
    str address, name, label, type, example, description;
    str suggestion, suggested_type, suggested; /* what else most values are; the last one is what the button sends */
    bool is_hidden, facet, sortable, is_id;
};

struct choice_item {
    str value, label;
    bool chosen;
};

struct point_item {
    str name, latitude, longitude;
    int64_t number;
};

struct fields_page {
    struct html steps, preview;
    str csrf, revision, warning, own_address, next_address, source_address, found, header_row, epsg, latitude, longitude;
    str job_state, job_message;
    str fault;   /* why the file cannot be read; else empty */
    str facet_offer; /* fields that readers could filter by; else empty */
    str identifier_offer; /* the field that could tell records apart; else empty */
    str misfits; /* how many rows stop the publication; else empty */
    int64_t job_percent;
    bool has_parts, are_sheets, skips_bad_rows, empties_bad_cells, can_empty;
    bool has_header_row, has_epsg, has_fields, has_points, has_job, is_waiting,
        can_make_point, can_fetch, job_failed, is_readable;
    struct tpl_list fields, parts, formats, columns, points;
};

static const struct tpl_member field_members[] = {
    TPL_URL(struct field_item, address),      TPL_TEXT(struct field_item, name),  TPL_TEXT(struct field_item, label),
    TPL_TEXT(struct field_item, type),        TPL_TEXT(struct field_item, example), TPL_TEXT(struct field_item, description),
    TPL_TEXT(struct field_item, suggestion),  TPL_TEXT(struct field_item, suggested_type), TPL_TEXT(struct field_item, suggested),
    TPL_BOOL(struct field_item, is_hidden),   TPL_BOOL(struct field_item, facet), TPL_BOOL(struct field_item, sortable),
    TPL_BOOL(struct field_item, is_id)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct field_item, field_members);
static const struct tpl_member choice_members[] = {TPL_TEXT(struct choice_item, value), TPL_TEXT(struct choice_item, label),
                                                   TPL_BOOL(struct choice_item, chosen)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_item, choice_members);
static const struct tpl_member point_members[] = {TPL_TEXT(struct point_item, name), TPL_TEXT(struct point_item, latitude),
                                                  TPL_TEXT(struct point_item, longitude),
                                                  TPL_NUMBER(struct point_item, number)};
static const struct tpl_struct point_struct = TPL_STRUCT(struct point_item, point_members);
static const struct tpl_member page_members[] = {
    TPL_HTML(struct fields_page, steps),          TPL_HTML(struct fields_page, preview),
    TPL_TEXT(struct fields_page, csrf),           TPL_TEXT(struct fields_page, revision),
    TPL_TEXT(struct fields_page, warning),        TPL_URL(struct fields_page, own_address),
    TPL_URL(struct fields_page, next_address),    TPL_URL(struct fields_page, source_address),
    TPL_TEXT(struct fields_page, found),          TPL_TEXT(struct fields_page, header_row),
    TPL_TEXT(struct fields_page, epsg),           TPL_TEXT(struct fields_page, latitude),
    TPL_TEXT(struct fields_page, longitude),      TPL_TEXT(struct fields_page, job_state),
    TPL_TEXT(struct fields_page, job_message),    TPL_NUMBER(struct fields_page, job_percent),
    TPL_BOOL(struct fields_page, has_parts),      TPL_BOOL(struct fields_page, are_sheets),
    TPL_BOOL(struct fields_page, skips_bad_rows), TPL_BOOL(struct fields_page, has_header_row),
    TPL_BOOL(struct fields_page, empties_bad_cells), TPL_BOOL(struct fields_page, can_empty),
    TPL_BOOL(struct fields_page, has_epsg),       TPL_BOOL(struct fields_page, has_fields),
    TPL_BOOL(struct fields_page, has_points),     TPL_BOOL(struct fields_page, has_job),
    TPL_BOOL(struct fields_page, is_waiting),     TPL_BOOL(struct fields_page, can_make_point),
    TPL_BOOL(struct fields_page, can_fetch),      TPL_BOOL(struct fields_page, job_failed),
    TPL_BOOL(struct fields_page, is_readable),    TPL_TEXT(struct fields_page, fault),
    TPL_TEXT(struct fields_page, misfits),        TPL_TEXT(struct fields_page, facet_offer),
    TPL_TEXT(struct fields_page, identifier_offer),
    TPL_LIST(struct fields_page, fields, field_struct), TPL_LIST(struct fields_page, parts, choice_struct),
    TPL_LIST(struct fields_page, formats, choice_struct), TPL_LIST(struct fields_page, columns, choice_struct),
    TPL_LIST(struct fields_page, points, point_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct fields_page, page_members);
const struct tpl_binding wizard_fields_template = {"back/wizard_fields", &page_struct};

/* ---- showing ---- */

static str first_value(const struct preview *preview, size_t field)
{
    for (size_t i = 0; i < preview->row_count; i++) {
        str text = preview->rows[i * preview->schema.count + field];
        if (text.n) {
            return text;
        }
    }
    return S("");
}

/* Nobody is asked again who has chosen a type. */
static void suggest(struct call *call, const struct type_suggestion *suggestion, const struct resource_field *chosen,
                    struct field_item *item, str column)
{
    struct arena *arena = &call->scope->arena;
    if (suggestion->fits == 0 || (chosen && (chosen->has_type || chosen->is_hidden || chosen->date_format.n))) {
        return;
    }
    item->suggested_type = office_say(call, preview_type_label(suggestion->type));
    item->suggestion = office_tell(call, MSG_BACKOFFICE_WIZARD_SUGGESTION, ARG_INT("fits", suggestion->fits),
                                   ARG_INT("filled", suggestion->filled), ARG_TEXT("type", item->suggested_type),
                                   ARG_TEXT("other", suggestion->other));
    item->suggested = str_printf(arena, "%.*s:%.*s", STR_ARG(field_type_text(suggestion->type)), STR_ARG(column));
}

static struct tpl_list list_fields(struct wizard *wizard, const struct preview *preview)
{
    struct call *call = wizard->call;
    struct field_item *items = arena_array(&call->scope->arena, struct field_item, preview->schema.count + 1);
    for (size_t i = 0; i < preview->schema.count; i++) {
        const struct field *field = &preview->schema.fields[i];
        const struct resource_field *chosen = resource_field_find(&wizard->settings, field->name);
        items[i] = (struct field_item){
            .address = office_path(call, wizard_address(wizard, "/fields/").p, field->name),
            .name = chosen && chosen->name.n ? chosen->name : field->name,
            .label = field->label,
            .type = office_say(call, preview_type_label(field->type)),
            .example = first_value(preview, i),
            .description = field->description.p ? field->description : S(""),
            .is_hidden = chosen && chosen->is_hidden,
            .facet = field->facet,
            .sortable = field->sortable,
            .is_id = field->id};
        if (preview->suggestions) {
            suggest(call, &preview->suggestions[i], chosen, &items[i], field->name);
        }
    }
    return (struct tpl_list){items, preview->schema.count};
}

static struct tpl_list list_parts(struct wizard *wizard, const struct preview *preview)
{
    struct call *call = wizard->call;
    str chosen = preview->parts.are_sheets ? wizard->settings.sheet : wizard->settings.layer;
    struct choice_item *items = arena_array(&call->scope->arena, struct choice_item, preview->parts.count + 1);
    items[0] = (struct choice_item){S(""), office_say(call, MSG_BACKOFFICE_WIZARD_PART_FIRST), chosen.n == 0};
    for (size_t i = 0; i < preview->parts.count; i++) {
        str name = preview->parts.names[i];
        items[i + 1] = (struct choice_item){name, name, str_eq(name, chosen)};
    }
    return (struct tpl_list){items, preview->parts.count + 1};
}

static struct tpl_list list_formats(struct wizard *wizard)
{
    static const char *const formats[] = {"csv",  "tsv", "json", "jsonl", "geojson",  "topojson", "parquet", "xlsx",
                                          "ods",  "shp", "gpkg", "kml",   "kmz",      "fgb",      "gpx"};
    struct call *call = wizard->call;
    struct choice_item *items = arena_array(&call->scope->arena, struct choice_item, ARRAY_LENGTH(formats) + 1);
    items[0] = (struct choice_item){S(""), office_say(call, MSG_BACKOFFICE_WIZARD_FORMAT_FOUND), wizard->settings.format.n == 0};
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        str name = str_from(formats[i]);
        items[i + 1] = (struct choice_item){name, name, str_eq(name, wizard->settings.format)};
    }
    return (struct tpl_list){items, ARRAY_LENGTH(formats) + 1};
}

static struct tpl_list list_columns(struct wizard *wizard, const struct preview *preview)
{
    struct choice_item *items = arena_array(&wizard->call->scope->arena, struct choice_item, preview->schema.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < preview->schema.count; i++) {
        const struct field *field = &preview->schema.fields[i];
        if (field->type == FIELD_DOUBLE || field->type == FIELD_INT) {
            items[count++] = (struct choice_item){field->name, field->label, false};
        }
    }
    return (struct tpl_list){items, count};
}

static struct tpl_list list_points(struct wizard *wizard)
{
    size_t count = wizard->settings.point_count;
    struct point_item *items = arena_array(&wizard->call->scope->arena, struct point_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct point_wish *point = &wizard->settings.points[i];
        items[i] = (struct point_item){point->name, point->latitude, point->longitude, (int64_t)i};
    }
    return (struct tpl_list){items, count};
}

static bool has_place(const struct preview *preview)
{
    for (size_t i = 0; i < preview->schema.count; i++) {
        if (preview->schema.fields[i].type == FIELD_GEO_POINT || preview->schema.fields[i].type == FIELD_GEO_SHAPE) {
            return true;
        }
    }
    return false;
}

static bool is_map(str format)
{
    static const char *const maps[] = {"shp", "gpkg", "kml", "kmz", "fgb", "gpx", "geojson-crs", "zip"};
    for (size_t i = 0; i < ARRAY_LENGTH(maps); i++) {
        if (str_eq(format, str_from(maps[i]))) {
            return true;
        }
    }
    return false;
}

/* An address whose file is not here yet. */
static enum err show_fetching(struct wizard *wizard, struct fields_page *page)
{
    struct wizard_job job;
    TRY(wizard_find_job(wizard, PUBLICATION_FETCH_JOB, &job));
    page->has_job = true;
    page->is_waiting = job.is_active;
    page->job_failed = !job.is_active && !job.is_done;
    page->can_fetch = !job.is_active;
    page->job_state = job.is_there ? job.state : office_say(wizard->call, MSG_BACKOFFICE_WIZARD_NOT_FETCHED);
    page->job_message = job.message;
    if (job.is_done) { /* the file was given up when the address gave another one */
        page->job_state = office_tell(wizard->call, MSG_BACKOFFICE_WIZARD_FETCHED_SINCE,
                                      ARG_TEXT("at", office_instant(wizard->call, wizard->resource.checked, MSG_BACKOFFICE_NEVER)));
        page->job_message = S("");
    }
    page->job_percent = job.percent;
    return ERR_OK;
}

/* Whether single values are what does not fit; of a row of another shape nobody knows which cell is wrong. */
static bool has_bad_cells(const struct preview *preview)
{
    for (size_t i = 0; i < preview->reject_count; i++) {
        if (preview->rejects[i].column.n) {
            return true;
        }
    }
    return false;
}

static void show_preview(struct wizard *wizard, const struct preview *preview, str fault, struct fields_page *page)
{
    struct call *call = wizard->call;
    page->preview = wizard_preview_tables(wizard, preview, S(""), S("")); /* the fault stands above */
    page->found = preview->format;
    page->fields = list_fields(wizard, preview);
    page->has_fields = preview->schema.count > 0;
    page->is_readable = fault.n == 0;
    page->fault = fault;
    page->facet_offer = fault.n ? S("") : wizard_facet_offer(wizard, preview);
    page->identifier_offer = fault.n ? S("") : wizard_identifier_offer(wizard, preview);
    if (preview->rejected && !wizard->settings.skips_bad_rows) {
        page->misfits = office_tell(call, MSG_BACKOFFICE_WIZARD_MISFITS, ARG_INT("count", preview->rejected),
                                    ARG_INT("all", preview->records + preview->rejected));
        page->can_empty = has_bad_cells(preview);
    }
    page->parts = list_parts(wizard, preview);
    page->has_parts = preview->parts.count > 1;
    page->are_sheets = preview->parts.are_sheets;
    page->has_header_row = str_eq(preview->format, S("xlsx")) || str_eq(preview->format, S("ods"));
    page->has_epsg = is_map(preview->format) || fault.n > 0;
    page->columns = list_columns(wizard, preview);
    page->can_make_point = page->columns.count >= 2;
    page->header_row = wizard->settings.header_row == SHEET_HEADER_FIND
                           ? S("")
                           : str_printf(&call->scope->arena, "%lld", (long long)wizard->settings.header_row);
    page->epsg = wizard->settings.epsg ? str_printf(&call->scope->arena, "%lld", (long long)wizard->settings.epsg) : S("");
    page->has_points = wizard->settings.point_count > 0;
    page->can_make_point &= page->has_points || !has_place(preview);
}

static void write_field(struct json_writer *json, const struct field *field)
{
    json_object_begin(json);
    json_key_text(json, S("column"), field->name);
    json_key_text(json, S("label"), field->label);
    json_key_text(json, S("type"), field_type_text(field->type));
    json_object_end(json);
}

static enum err tell_preview(struct wizard *wizard, const struct preview *preview, str fault)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("format"), preview->format);
    json_key_text(&json, S("fault"), fault);
    json_key_int(&json, S("records"), preview->records);
    json_key_bool(&json, S("is_sample"), preview->is_cut);
    json_key_int(&json, S("rejected"), preview->rejected);
    json_key(&json, S("fields"));
    json_array_begin(&json);
    for (size_t i = 0; i < preview->schema.count; i++) {
        write_field(&json, &preview->schema.fields[i]);
    }
    json_array_end(&json);
    json_key(&json, S("rows"));
    json_array_begin(&json);
    for (size_t i = 0; i < preview->row_count; i++) {
        json_array_begin(&json);
        for (size_t j = 0; j < preview->schema.count; j++) {
            str text = preview->rows[i * preview->schema.count + j];
            if (text.p) {
                json_text(&json, text);
            } else {
                json_write_null(&json);
            }
        }
        json_array_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(wizard->call, 200, &out);
}

static enum err show(struct wizard *wizard, str warning)
{
    struct call *call = wizard->call;
    struct fields_page page = {.steps = wizard_steps(wizard, STEP_FIELDS),
                               .csrf = call->ignores_cookies ? S("") : csrf_token(call),
                               .revision = wizard_revision(wizard),
                               .warning = warning,
                               .own_address = wizard_address(wizard, "/fields"),
                               .next_address = wizard_address(wizard, "/description"),
                               .source_address = wizard_address(wizard, ""),
                               .skips_bad_rows = wizard->settings.skips_bad_rows,
                               .empties_bad_cells = wizard->settings.empties_bad_cells,
                               .formats = list_formats(wizard),
                               .points = list_points(wizard)};
    if (wizard->resource.kind == RESOURCE_URL && wizard->resource.upload_count == 0) {
        TRY(show_fetching(wizard, &page));
        if (page_is_for_script(call)) {
            struct wizard_job job;
            TRY(wizard_find_job(wizard, PUBLICATION_FETCH_JOB, &job));
            return wizard_tell_job(wizard, &job);
        }
    } else {
        struct preview preview;
        str fault;
        TRY(wizard_preview(wizard, &wizard->settings, &preview, &fault));
        if (page_is_for_script(call)) {
            return tell_preview(wizard, &preview, fault);
        }
        show_preview(wizard, &preview, fault, &page);
    }
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = wizard->dataset,
                                                                   .tab = OFFICE_TAB_SOURCE,
                                                                   .title = office_say(call, MSG_BACKOFFICE_WIZARD_STEP_FIELDS),
                                                                   .body = &wizard_fields_template,
                                                                   .data = &page,
                                                                   .is_wide = true,
                                                                   .scripts = {"wizard.js"}});
}

/* ---- taking ---- */

static enum err save(struct wizard *wizard)
{
    bool conflict;
    TRY(wizard_save(wizard, wizard_seen(wizard), &conflict));
    return conflict ? show(wizard, wizard_conflict_text(wizard))
                    : office_done(wizard->call, wizard_address(wizard, "/fields"), MSG_BACKOFFICE_WIZARD_SAVED);
}

static enum err take_reading(struct wizard *wizard)
{
    const struct form *form = &wizard->call->form;
    struct resource_settings *settings = &wizard->settings;
    str part = form_value(form, S("part"));
    int64_t number;
    settings->format = form_value(form, S("format")).n ? form_value(form, S("format")) : S("");
    if (form_has(form, S("part"))) {
        bool are_sheets = str_eq(form_value(form, S("parts")), S("sheets"));
        settings->sheet = are_sheets ? part : S("");
        settings->layer = are_sheets ? S("") : part;
    }
    settings->header_row = num_read_int(str_trim(form_value(form, S("header_row"))), &number) && number >= 0 && number <= 1048576
                               ? number
                               : SHEET_HEADER_FIND;
    settings->epsg = num_read_int(str_trim(form_value(form, S("epsg"))), &number) && number > 0 && number <= 1000000 ? number : 0;
    settings->skips_bad_rows = form_has(form, S("skip"));
    settings->empties_bad_cells = form_has(form, S("empty"));
    return save(wizard);
}

/* A suggestion that is taken: "TYPE:COLUMN". */
static enum err take_type(struct wizard *wizard, str suggested)
{
    struct arena *arena = &wizard->call->scope->arena;
    struct preview preview;
    enum field_type type;
    str name;
    str fault;
    TRY(wizard_preview(wizard, &wizard->settings, &preview, &fault));
    if (!str_split(&suggested, ':', &name) || !field_type_find(name, &type) || !schema_find(&preview.schema, suggested)) {
        return show(wizard, S("")); /* another source than the page was made of, perhaps */
    }
    struct resource_field *field = resource_field_get(arena, &wizard->settings, suggested);
    field->has_type = true;
    field->type = type;
    return save(wizard);
}

static enum err take_facets(struct wizard *wizard)
{
    TRY(wizard_choose_facets(wizard));
    return save(wizard);
}

static enum err take_identifier(struct wizard *wizard)
{
    TRY(wizard_choose_identifier(wizard));
    return save(wizard);
}

/* The rows, or only the cells that do not fit. */
static enum err leave_out(struct wizard *wizard, bool only_cells)
{
    wizard->settings.skips_bad_rows |= !only_cells;
    wizard->settings.empties_bad_cells |= only_cells;
    return save(wizard);
}

static enum err add_point(struct wizard *wizard)
{
    struct arena *arena = &wizard->call->scope->arena;
    const struct form *form = &wizard->call->form;
    struct resource_settings *settings = &wizard->settings;
    struct point_wish *points = arena_array(arena, struct point_wish, settings->point_count + 1);
    memcpy(points, settings->points, settings->point_count * sizeof(*points));
    points[settings->point_count] = (struct point_wish){
        .name = settings->point_count ? str_printf(arena, "geo_point_2d_%zu", settings->point_count + 1) : S("geo_point_2d"),
        .latitude = form_value(form, S("latitude")),
        .longitude = form_value(form, S("longitude"))};
    settings->points = points;
    settings->point_count++;
    return save(wizard);
}

static enum err remove_point(struct wizard *wizard, str which)
{
    struct resource_settings *settings = &wizard->settings;
    int64_t at;
    if (num_read_int(which, &at) && at >= 0 && (size_t)at < settings->point_count) {
        settings->point_count--;
        memmove(settings->points + at, settings->points + at + 1, (settings->point_count - (size_t)at) * sizeof(*settings->points));
    }
    return save(wizard);
}

enum err wizard_fields(struct call *call)
{
    struct wizard wizard;
    TRY(wizard_open(call, &wizard));
    if (wizard.resource.kind == RESOURCE_NONE) {
        return office_done(call, wizard_address(&wizard, ""), MSG_BACKOFFICE_WIZARD_NO_SOURCE);
    }
    if (!office_is_post(call)) {
        return show(&wizard, S(""));
    }
    if (form_has(&call->form, S("fetch"))) {
        TRY(wizard_fetch(&wizard));
        return office_done(call, wizard_address(&wizard, "/fields"), MESSAGE_NONE);
    }
    str removed = form_value(&call->form, S("remove_point"));
    str suggested = form_value(&call->form, S("retype"));
    return removed.p                                   ? remove_point(&wizard, removed)
           : suggested.p                               ? take_type(&wizard, suggested)
           : form_has(&call->form, S("leave_out"))     ? leave_out(&wizard, false)
           : form_has(&call->form, S("facets"))        ? take_facets(&wizard)
           : form_has(&call->form, S("identifier"))    ? take_identifier(&wizard)
           : form_has(&call->form, S("leave_empty"))   ? leave_out(&wizard, true)
           : form_value(&call->form, S("latitude")).n ? add_point(&wizard)
                                                          : take_reading(&wizard);
}
