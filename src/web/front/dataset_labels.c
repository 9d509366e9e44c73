/* What the filter of a dataset's pages calls fields, values and conditions. */
#include "base/num.h"
#include "web/front/dataset_page.h"

#define VALUES_SHOWN 6

static str field_label(struct call *call, str name, const void *user)
{
    const struct dataset_page *page = user;
    const struct field *field = schema_find(page->schema, name);
    (void)call;
    return field ? field_title(field) : name;
}

static str value_label(struct call *call, str name, str value, str last, const void *user)
{
    const struct dataset_page *page = user;
    const struct field *field = schema_find(page->schema, name);
    (void)value;
    if (field && field->type == FIELD_BOOLEAN) {
        return message_plain(call->language, str_eq(value, S("true")) ? MSG_VALUE_YES : MSG_VALUE_NO);
    }
    return last;
}

/* in_bbox(`field`, n, n, n, n), as the map writes it. */
static bool is_extent(str where)
{
    str start = S("in_bbox(`");
    if (!str_starts(where, start) || where.p[where.n - 1] != ')') {
        return false;
    }
    size_t end = str_find_char(where, '`', start.n);
    str rest = end == SIZE_MAX ? S("") : str_slice(where, end + 1, where.n - 1);
    str part;
    size_t numbers = 0;
    double number;
    if (!str_starts(rest, S(","))) {
        return false;
    }
    for (rest = str_slice(rest, 1, rest.n); str_split(&rest, ',', &part); numbers++) {
        if (!num_read_double(str_trim(part), &number)) {
            return false;
        }
    }
    return numbers == 4;
}

static str where_label(struct call *call, str where, const void *user)
{
    const struct dataset_page *page = user;
    struct condition condition;
    if (is_extent(where)) {
        return message_plain(call->language, MSG_CONDITION_EXTENT);
    }
    return condition_read(&call->scope->arena, page->schema, where, &condition)
               ? condition_words(call, &condition)
               : STR_NONE;
}

struct facet_context dataset_facet_context(struct dataset_page *page)
{
    return (struct facet_context){.call = page->call,
                                  .filter = &page->filter,
                                  .path = page->path,
                                  .extra = page->extra.n ? page->extra : dataset_kept_query(page),
                                  .where_label = where_label,
                                  .selection = &page->selection,
                                  .title = field_label,
                                  .value_label = value_label,
                                  .user = page,
                                  .shown = VALUES_SHOWN};
}
