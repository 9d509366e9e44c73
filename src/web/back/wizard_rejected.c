/* Rows of the last publication that did not fit, with their reasons; also to download. */
#include "web/back/csv.h"
#include "web/back/wizard.h"

#define SHOWN_MOST 200
#define FILE_MOST 20000

struct reject_item {
    str place, column, found, expected;
};

struct rejected_page {
    str lead, download_address, back_address;
    bool has_rows;
    struct tpl_list rows;
};

static const struct tpl_member reject_members[] = {
    TPL_TEXT(struct reject_item, place), TPL_TEXT(struct reject_item, column), TPL_TEXT(struct reject_item, found),
    TPL_TEXT(struct reject_item, expected)};
const struct tpl_struct wizard_reject_struct = TPL_STRUCT(struct reject_item, reject_members);
static const struct tpl_member page_members[] = {
    TPL_TEXT(struct rejected_page, lead), TPL_URL(struct rejected_page, download_address),
    TPL_URL(struct rejected_page, back_address), TPL_BOOL(struct rejected_page, has_rows),
    TPL_LIST(struct rejected_page, rows, wizard_reject_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct rejected_page, page_members);
const struct tpl_binding wizard_rejected_template = {"back/wizard_rejected", &page_struct};

static str place_of(struct call *call, const struct preview_reject *reject)
{
    return reject->line     ? office_tell(call, MSG_BACKOFFICE_WIZARD_LINE, ARG_INT("line", reject->line))
           : reject->record ? office_tell(call, MSG_BACKOFFICE_WIZARD_RECORD, ARG_INT("record", reject->record))
                            : S("");
}

static str expected_of(struct call *call, const struct preview_reject *reject)
{
    static const struct {
        const char *shape;
        enum message message;
    } shapes[] = {
        {"MISSING COLUMNS", MSG_BACKOFFICE_WIZARD_SHAPE_MISSING},
        {"TOO MANY COLUMNS", MSG_BACKOFFICE_WIZARD_SHAPE_MORE},
        {"UNQUOTED VALUE", MSG_BACKOFFICE_WIZARD_SHAPE_QUOTES},
        {"LINE SIZE OVER MAXIMUM", MSG_BACKOFFICE_WIZARD_SHAPE_LONG},
        {"INVALID ENCODING", MSG_BACKOFFICE_WIZARD_SHAPE_ENCODING},
    };
    enum field_type type;
    if (field_type_find(reject->expected, &type)) {
        return office_say(call, preview_type_label(type));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
        if (str_eq(reject->shape, str_from(shapes[i].shape))) {
            return office_say(call, shapes[i].message);
        }
    }
    return reject->reason;
}

struct tpl_list wizard_rejects(struct call *call, const struct preview_reject *rejects, size_t count)
{
    struct reject_item *items = arena_array(&call->scope->arena, struct reject_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct reject_item){.place = place_of(call, &rejects[i]),
                                        .column = rejects[i].column,
                                        .found = rejects[i].found,
                                        .expected = expected_of(call, &rejects[i])};
    }
    return (struct tpl_list){items, count};
}

enum err wizard_rejected(struct call *call)
{
    struct wizard wizard;
    struct resource_rejects rejects;
    size_t count;
    TRY(wizard_open(call, &wizard));
    TRY(resource_rejects_find(call->scope, call->app->catalog, wizard.dataset->uid, &rejects));
    const struct preview_reject *rows = ingest_read_rejects(call->scope, rejects.lines, SHOWN_MOST, &count);
    struct rejected_page page = {.lead = office_tell(call, MSG_BACKOFFICE_WIZARD_LEFT_OUT, ARG_INT("count", rejects.count)),
                                 .download_address = wizard_address(&wizard, "/rejected.csv"),
                                 .back_address = wizard_address(&wizard, "/publish"),
                                 .has_rows = count > 0,
                                 .rows = wizard_rejects(call, rows, count)};
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = wizard.dataset,
                                                                   .tab = OFFICE_TAB_SOURCE,
                                                                   .title = office_say(call, MSG_BACKOFFICE_WIZARD_REJECTED_HEADING),
                                                                   .body = &wizard_rejected_template,
                                                                   .data = &page});
}

static void write_row(struct buf *out, const struct preview_reject *reject)
{
    csv_int(out, true, reject->line);
    csv_int(out, false, reject->record);
    csv_text(out, false, reject->column);
    csv_text(out, false, reject->found);
    csv_text(out, false, reject->expected);
    csv_text(out, false, reject->reason);
    csv_line(out);
}

enum err wizard_rejected_csv(struct call *call)
{
    struct wizard wizard;
    struct resource_rejects rejects;
    struct buf out cleanup_with(buf_cleanup) = {0};
    size_t count;
    TRY(wizard_open(call, &wizard));
    TRY(resource_rejects_find(call->scope, call->app->catalog, wizard.dataset->uid, &rejects));
    const struct preview_reject *rows = ingest_read_rejects(call->scope, rejects.lines, FILE_MOST, &count);
    buf_add(&out, S("line,record,column,found,expected,reason\r\n"));
    for (size_t i = 0; i < count; i++) {
        write_row(&out, &rows[i]);
    }
    csv_headers(call, "rejected.csv");
    response_body(call->exchange, &out);
    return ERR_OK;
}
