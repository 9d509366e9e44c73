/* The picture that previews of links to a dataset show. The same for everybody; public datasets only. */
#include "domain/catalog/metadata.h"
#include "platform/picture/picture.h"
#include "web/front/catalogue_names.h"
#include "web/front/explore.h"
#include "web/shell/headers.h"

static struct picture_colour read_colour(str text, struct picture_colour fallback)
{
    struct colour colour;
    return colour_read(text, &colour) ? (struct picture_colour){colour.red, colour.green, colour.blue} : fallback;
}

static void colour_card(struct call *call, str theme, struct picture_card *card)
{
    static const struct picture_colour plain = {0.059, 0.290, 0.588};
    const struct site *site = call->site;
    const struct site_theme *known = site_theme_find(site, theme);
    card->accent = read_colour(site->accent, plain);
    card->band = known ? read_colour(known->colour, card->accent) : card->accent;
}

static str copy_text(struct arena *arena, const json_t *value)
{
    return str_copy(arena, json_read_text(value).n ? json_read_text(value) : S(""));
}

static str facts_of(struct call *call, const struct dataset *dataset)
{
    struct arena *arena = &call->scope->arena;
    str modified = str_printf(arena, "%.*s %.*s", STR_ARG(message_plain(call->language, MSG_DATASET_MODIFIED)),
                              STR_ARG(modified_text(call, dataset)));
    str records = records_text(call, dataset->records_count);
    return dataset->version ? str_printf(arena, "%.*s · %.*s", STR_ARG(records), STR_ARG(modified)) : modified;
}

static enum err make_card(struct call *call, const struct dataset *dataset, struct picture_card *ret_card)
{
    struct arena *arena = &call->scope->arena;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    str lang = language_code(call->language);
    TRY(json_read(call->scope, ERR_INTERNAL, dataset->metadata.n ? dataset->metadata : S("{}"), "metadata",
                  &metadata));
    str title = copy_text(arena, metadata_value(metadata, lang, S("default"), S("title")));
    str theme = copy_text(arena, json_array_get(metadata_value(metadata, lang, S("default"), S("theme")), 0));
    struct picture_card card = {
        .portal = call->site->name,
        .theme = theme.n ? theme_label(call, theme) : S(""),
        .title = title.n ? title : dataset->id,
        .publisher = copy_text(arena, metadata_value(metadata, lang, S("default"), S("publisher"))),
        .facts = facts_of(call, dataset)};
    colour_card(call, theme, &card);
    *ret_card = card;
    return ERR_OK;
}

/* Of everything that is drawn, so that a picture that is still good is not drawn again. */
static str tag_of(struct arena *arena, const struct picture_card *card)
{
    const struct picture_colour *a = &card->accent, *b = &card->band;
    str all = str_printf(arena, PARVIS_VERSION "|%.*s|%.*s|%.*s|%.*s|%.*s|%g %g %g %g %g %g", STR_ARG(card->portal),
                         STR_ARG(card->theme), STR_ARG(card->title), STR_ARG(card->publisher),
                         STR_ARG(card->facts), a->red, a->green, a->blue, b->red, b->green, b->blue);
    return str_printf(arena, "%016llx", (unsigned long long)str_hash(all));
}

/* Addresses that differ from each other without need would all be drawn and kept. */
static enum err read_language(struct call *call)
{
    call->language = call->site->language;
    for (size_t i = 0; i < call->query.count; i++) {
        language asked = language_exact(call->query.items[i].value);
        if (!str_eq(call->query.items[i].name, PAGE_LANGUAGE_PARAMETER) || i > 0 || asked == LANGUAGE_NONE) {
            return fail(call->scope, ERR_PARAMETER, "A picture takes no parameter but lang, a language's code.");
        }
        call->language = asked;
    }
    return ERR_OK;
}

enum err dataset_picture_get(struct call *call)
{
    struct exchange *exchange = call->exchange;
    const struct dataset *dataset;
    struct picture_card card;
    struct buf png cleanup_with(buf_cleanup) = {0};
    TRY(read_language(call));
    TRY(snapshot_load(call->scope, call->snapshot, call->path_values[0], &dataset));
    if (!dataset) {
        return dataset_absent(call->scope, call->path_values[0]);
    }
    TRY(make_card(call, dataset, &card));
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), S("image/png"));
    response_header(exchange, S("Content-Language"), language_code(call->language));
    response_header(exchange, S("Cache-Control"), S("no-cache"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("cross-origin"));
    response_header(exchange, S("Content-Security-Policy"), S("default-src 'none'; frame-ancestors 'none'"));
    call->may_cache = true;
    call->depends_on = dataset;
    if (response_etag(exchange, tag_of(&call->scope->arena, &card))) {
        return ERR_OK;
    }
    TRY(picture_draw(call->scope, &card, &png));
    response_body(exchange, &png);
    return ERR_OK;
}
