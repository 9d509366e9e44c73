#include "web/shell/faults.h"

static const struct tpl_member fault_members[] = {
    TPL_BOOL(struct fault, first), TPL_BOOL(struct fault, last), TPL_URL(struct fault, anchor),
    TPL_TEXT(struct fault, message)};
const struct tpl_struct fault_struct = TPL_STRUCT(struct fault, fault_members);

str faults_add_text(struct call *call, struct faults *faults, str field, str text)
{
    if (faults->count < FAULTS_MOST) {
        faults->items[faults->count] =
            (struct fault){.first = faults->count == 0,
                           .anchor = str_printf(&call->scope->arena, "#%.*s", STR_ARG(field)),
                           .message = text};
        faults->count++;
    }
    return text;
}

str faults_add(struct call *call, struct faults *faults, str field, enum message message)
{
    return faults_add_text(call, faults, field, message_plain(call->language, message));
}

struct tpl_list faults_list(struct faults *faults)
{
    if (faults->count) {
        faults->items[faults->count - 1].last = true;
    }
    return (struct tpl_list){faults->items, faults->count};
}
