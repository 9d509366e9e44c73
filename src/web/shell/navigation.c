#include "web/shell/navigation.h"

struct navigation_item {
    str address, label;
    bool current;
};

static const struct tpl_member members[] = {TPL_URL(struct navigation_item, address),
                                            TPL_TEXT(struct navigation_item, label),
                                            TPL_BOOL(struct navigation_item, current)};
const struct tpl_struct navigation_struct = TPL_STRUCT(struct navigation_item, members);

struct tpl_list navigation_list(struct call *call, const struct navigation_entry *entries,
                                size_t count, const char *current)
{
    struct navigation_item *items =
        arena_array(&call->scope->arena, struct navigation_item, count);
    for (size_t i = 0; i < count; i++) {
        str address = str_from(entries[i].address);
        items[i] = (struct navigation_item){address,
                                            message_plain(call->language, entries[i].label),
                                            str_eq(address, str_from(current))};
    }
    return (struct tpl_list){items, count};
}
