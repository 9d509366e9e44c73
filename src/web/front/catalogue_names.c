#include "web/front/catalogue_names.h"

#include "base/date.h"

#define VALUES_SHOWN 8

static str facet_title(struct call *call, str name, const void *user)
{
    static const struct {
        str name;
        enum message title;
    } titles[] = {{{"features", 8}, MSG_CATALOGUE_FEATURES}, {{"modified", 8}, MSG_CATALOGUE_MODIFIED},
                  {{"publisher", 9}, MSG_CATALOGUE_PUBLISHER}, {{"keyword", 7}, MSG_CATALOGUE_KEYWORD},
                  {{"theme", 5}, MSG_CATALOGUE_THEME}, {{"language", 8}, MSG_CATALOGUE_LANGUAGE},
                  {{"license", 7}, MSG_CATALOGUE_LICENSE}};
    (void)user;
    for (size_t i = 0; i < ARRAY_LENGTH(titles); i++) {
        if (str_eq(titles[i].name, name)) {
            return message_plain(call->language, titles[i].title);
        }
    }
    return name;
}

static str feature_label(struct call *call, str value)
{
    static const struct {
        str value;
        enum message label;
    } labels[] = {{{"geo", 3}, MSG_CATALOGUE_FEATURE_GEO}, {{"analyze", 7}, MSG_CATALOGUE_FEATURE_ANALYZE},
                  {{"timeserie", 9}, MSG_CATALOGUE_FEATURE_TIMESERIE}};
    for (size_t i = 0; i < ARRAY_LENGTH(labels); i++) {
        if (str_eq(labels[i].value, value)) {
            return message_plain(call->language, labels[i].label);
        }
    }
    return STR_NONE;
}

str theme_label(const struct call *call, str value)
{
    const struct site_theme *theme = site_theme_find(call->site, value);
    return theme && theme->label.texts[call->language].n ? theme->label.texts[call->language] : value;
}

str theme_class(const struct call *call, str value)
{
    const struct site *site = call->site;
    const struct site_theme *theme = site_theme_find(site, value);
    return theme && theme->colour.n
               ? str_printf(&call->scope->arena, "theme-%zu", (size_t)(theme - site->themes))
               : S("");
}

static str value_label(struct call *call, str name, str value, str last, const void *user)
{
    struct date_text date;
    (void)user;
    (void)last;
    if (str_eq(name, S("theme"))) {
        return theme_label(call, value);
    }
    if (str_eq(name, S("features"))) {
        return feature_label(call, value);
    }
    if (str_eq(name, S("language"))) {
        return format_language_name(&call->scope->arena, call->language, value);
    }
    if (str_eq(name, S("modified")) && date_read(value, &date) && date.precision != PRECISION_YEAR) {
        usec day = date_instant(&date.civil);
        return date.precision == PRECISION_MONTH
                   ? format_month(&call->scope->arena, call->language, day)
                   : format_date(&call->scope->arena, call->language, day);
    }
    return STR_NONE;
}

struct facet_context catalogue_context(struct call *call, const struct filter *filter)
{
    return (struct facet_context){.call = call,
                                  .filter = filter,
                                  .path = S("/explore/"),
                                  .extra = S(""),
                                  .title = facet_title,
                                  .value_label = value_label,
                                  .shown = VALUES_SHOWN};
}
