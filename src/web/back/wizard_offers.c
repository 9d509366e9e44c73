/* What is offered for a dataset that has none: filters, and the field that tells its records apart. */
#include "web/back/wizard.h"

#define OFFERED_MOST 6 /* more filters than that are no help */

/* What is hidden, is to become another type, or tells records apart is no filter. */
static bool may_filter(const struct wizard *wizard, const struct preview *preview, size_t at)
{
    const struct field *field = &preview->schema.fields[at];
    const struct resource_field *chosen = resource_field_find(&wizard->settings, field->name);
    bool is_free = !field->id && !(chosen && chosen->is_hidden) && !(preview->suggestions && preview->suggestions[at].fits);
    return preview->uses.facets && preview->uses.facets[at] && is_free;
}

static size_t find_offered(const struct wizard *wizard, const struct preview *preview, size_t offered[OFFERED_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < preview->schema.count; i++) {
        if (preview->schema.fields[i].facet) {
            return 0; /* somebody has chosen */
        }
        if (count < OFFERED_MOST && may_filter(wizard, preview, i)) {
            offered[count++] = i;
        }
    }
    return count;
}

str wizard_facet_offer(const struct wizard *wizard, const struct preview *preview)
{
    struct call *call = wizard->call;
    struct buf names cleanup_with(buf_cleanup) = {0};
    size_t offered[OFFERED_MOST];
    size_t count = find_offered(wizard, preview, offered);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&names, "%s%.*s", i ? ", " : "", STR_ARG(preview->schema.fields[offered[i]].label));
    }
    return count ? office_tell(call, MSG_BACKOFFICE_WIZARD_FACET_OFFER, ARG_TEXT("fields", buf_str(&names))) : S("");
}

enum err wizard_choose_facets(struct wizard *wizard)
{
    struct preview preview;
    str fault;
    size_t offered[OFFERED_MOST];
    TRY(wizard_preview(wizard, &wizard->settings, &preview, &fault));
    size_t count = find_offered(wizard, &preview, offered);
    for (size_t i = 0; i < count; i++) {
        str column = preview.schema.fields[offered[i]].name;
        resource_field_get(&wizard->call->scope->arena, &wizard->settings, column)->facet = true;
    }
    return ERR_OK;
}

/* NULL: none is offered. */
static const struct field *find_identifier(const struct wizard *wizard, const struct preview *preview)
{
    size_t at = preview->uses.identifier;
    if (!preview->uses.facets || at >= preview->schema.count || schema_has_id(&preview->schema)) {
        return NULL;
    }
    const struct field *field = &preview->schema.fields[at];
    const struct resource_field *chosen = resource_field_find(&wizard->settings, field->name);
    return chosen && chosen->is_hidden ? NULL : field;
}

str wizard_identifier_offer(const struct wizard *wizard, const struct preview *preview)
{
    const struct field *field = find_identifier(wizard, preview);
    if (!field) {
        return S("");
    }
    str offer = office_tell(wizard->call, MSG_BACKOFFICE_WIZARD_IDENTIFIER_OFFER, ARG_TEXT("field", field->label));
    return wizard->dataset->version == 0
               ? offer
               : str_printf(&wizard->call->scope->arena, "%.*s %.*s", STR_ARG(offer),
                            STR_ARG(office_say(wizard->call, MSG_BACKOFFICE_WIZARD_IDENTIFIER_ONCE)));
}

enum err wizard_choose_identifier(struct wizard *wizard)
{
    struct preview preview;
    str fault;
    TRY(wizard_preview(wizard, &wizard->settings, &preview, &fault));
    const struct field *field = find_identifier(wizard, &preview);
    if (field) {
        resource_field_get(&wizard->call->scope->arena, &wizard->settings, field->name)->id = true;
    }
    return ERR_OK;
}
