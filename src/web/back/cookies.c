/*
 * Cookies as an administrator sees them: names that the portal did not declare, what visitors chose
 * (sums only), and which revision they are asked about.
 */
#include "base/vec.h"
#include "web/back/csv.h"
#include "web/back/routes.h"

#define FIGURES_SHOWN 100

struct unknown_item {
    str name, first, last;
    int64_t count;
};

struct figure_item {
    str day, language, way, choice;
    int64_t revision, count;
};

struct cookies_page {
    str changed, asked, revision_address;
    int64_t revision;
    bool has_unknown, has_figures;
    str total;
    struct tpl_list unknown, figures;
};

static const struct tpl_member unknown_members[] = {
    TPL_TEXT(struct unknown_item, name), TPL_TEXT(struct unknown_item, first),
    TPL_TEXT(struct unknown_item, last), TPL_INT(struct unknown_item, count)};
static const struct tpl_struct unknown_struct = TPL_STRUCT(struct unknown_item, unknown_members);

static const struct tpl_member figure_members[] = {
    TPL_TEXT(struct figure_item, day),     TPL_TEXT(struct figure_item, language),
    TPL_TEXT(struct figure_item, way),     TPL_TEXT(struct figure_item, choice),
    TPL_INT(struct figure_item, revision), TPL_INT(struct figure_item, count)};
static const struct tpl_struct figure_struct = TPL_STRUCT(struct figure_item, figure_members);

static const struct tpl_member cookies_members[] = {
    TPL_TEXT(struct cookies_page, changed),
    TPL_TEXT(struct cookies_page, asked),
    TPL_URL(struct cookies_page, revision_address),
    TPL_INT(struct cookies_page, revision),
    TPL_BOOL(struct cookies_page, has_unknown),
    TPL_BOOL(struct cookies_page, has_figures),
    TPL_TEXT(struct cookies_page, total),
    TPL_LIST(struct cookies_page, unknown, unknown_struct),
    TPL_LIST(struct cookies_page, figures, figure_struct)};
static const struct tpl_struct cookies_struct = TPL_STRUCT(struct cookies_page, cookies_members);
const struct tpl_binding cookies_template = {"back/cookies", &cookies_struct};

static bool accepts(const struct consent_figure *figure)
{
    return (figure->purposes & ~(1u << PURPOSE_NECESSARY)) != 0;
}

/* "Embedded content, Statistics", or that everything was refused. */
static str choice_text(struct call *call, const struct consent_figure *figure)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (int purpose = PURPOSE_NECESSARY + 1; purpose < PURPOSE__COUNT; purpose++) {
        if (figure->purposes >> purpose & 1) {
            buf_add(&out, out.n ? S(", ") : S(""));
            buf_add(&out, office_say(call, purpose_title((enum purpose)purpose)));
        }
    }
    return out.n ? buf_copy(&out, &call->scope->arena)
                 : office_say(call, MSG_BACKOFFICE_COOKIES_NO_PURPOSE);
}

static enum message way_title(enum consent_way way)
{
    switch (way) {
    case WAY_BANNER:
        return MSG_BACKOFFICE_COOKIES_WAY_BANNER;
    case WAY_PAGE:
        return MSG_BACKOFFICE_COOKIES_WAY_PAGE;
    case WAY_PLACEHOLDER:
        return MSG_BACKOFFICE_COOKIES_WAY_PLACEHOLDER;
    case WAY__COUNT:
        break;
    }
    return MESSAGE_NONE;
}

static enum err list_unknown(struct call *call, struct cookies_page *page)
{
    const struct unknown_cookie *rows;
    size_t count;
    TRY(privacy_unknown_cookies(call->scope, call->app->privacy, &rows, &count));
    struct unknown_item *items = arena_array(&call->scope->arena, struct unknown_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct unknown_item){
            .name = rows[i].name.n ? rows[i].name : office_say(call, MSG_BACKOFFICE_COOKIES_OTHERS),
            .first = office_instant(call, rows[i].first, MESSAGE_NONE),
            .last = office_instant(call, rows[i].last, MESSAGE_NONE),
            .count = rows[i].count};
    }
    page->unknown = (struct tpl_list){items, count};
    page->has_unknown = count > 0;
    return ERR_OK;
}

/* The latest days first. */
static enum err list_figures(struct call *call, struct cookies_page *page)
{
    const struct consent_figure *rows;
    size_t count;
    int64_t accepted = 0;
    int64_t refused = 0;
    TRY(consent_figures(call->scope, call->app->privacy, &rows, &count));
    size_t shown = count < FIGURES_SHOWN ? count : FIGURES_SHOWN;
    struct figure_item *items = arena_array(&call->scope->arena, struct figure_item, shown + 1);
    for (size_t i = 0; i < count; i++) {
        *(accepts(&rows[i]) ? &accepted : &refused) += rows[i].count;
    }
    for (size_t i = 0; i < shown; i++) {
        const struct consent_figure *row = &rows[count - 1 - i];
        items[i] = (struct figure_item){.day = row->day,
                                        .language = row->language,
                                        .way = office_say(call, way_title(row->way)),
                                        .choice = choice_text(call, row),
                                        .revision = row->revision,
                                        .count = row->count};
    }
    page->figures = (struct tpl_list){items, shown};
    page->has_figures = count > 0;
    page->total = office_tell(call, MSG_BACKOFFICE_COOKIES_TOTAL, ARG_INT("accepted", accepted),
                              ARG_INT("refused", refused));
    return ERR_OK;
}

enum err back_cookies(struct call *call)
{
    const struct registry *registry = call->registry;
    struct cookies_page page = {
        .revision = registry->revision,
        .changed = office_instant(call, registry->changed, MSG_BACKOFFICE_NEVER),
        .asked = office_tell(call, MSG_BACKOFFICE_COOKIES_ASKED,
                             ARG_INT("count", (int64_t)registry->service_count)),
        .revision_address = office_path_id(call, REVISION_PATH, registry->revision)};
    TRY(list_unknown(call, &page));
    TRY(list_figures(call, &page));
    return office_send(
        call, &(struct office_page){.section = SECTION_COOKIES,
                                    .title = office_say(call, MSG_BACKOFFICE_COOKIES_TITLE),
                                    .body = &cookies_template,
                                    .data = &page});
}

/* ---- the same figures as a file ---- */

static void add_purposes(struct call *call, struct buf *out, unsigned purposes)
{
    str names[PURPOSE__COUNT];
    size_t count = 0;
    for (int purpose = PURPOSE_NECESSARY + 1; purpose < PURPOSE__COUNT; purpose++) {
        if (purposes >> purpose & 1) {
            names[count++] = str_from(purpose_name((enum purpose)purpose));
        }
    }
    csv_text(out, false, str_join(&call->scope->arena, names, count, sizeof(str), S(" ")));
}

enum err back_cookies_csv(struct call *call)
{
    const struct consent_figure *rows;
    size_t count;
    TRY(consent_figures(call->scope, call->app->privacy, &rows, &count));
    struct buf out = {0};
    buf_add(&out, S("day,revision,language,way,purposes,count\r\n"));
    for (size_t i = 0; i < count; i++) {
        csv_text(&out, true, rows[i].day);
        csv_int(&out, false, rows[i].revision);
        csv_text(&out, false, rows[i].language);
        csv_text(&out, false, str_from(consent_way_name(rows[i].way)));
        add_purposes(call, &out, rows[i].purposes);
        csv_int(&out, false, rows[i].count);
        csv_line(&out);
    }
    csv_headers(call, "consent.csv");
    response_body(call->exchange, &out);
    return ERR_OK;
}
