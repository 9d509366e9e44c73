#include "platform/i18n/explanation.h"

#include "base/limits.h"
#include "base/utf8.h"

enum err fail_parameter(struct scope *scope, str name, str value, enum message expects)
{
    return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_PARAMETER,
                         SAYS(ARG_TEXT("name", name), ARG_TEXT("value", utf8_truncate(value, LIMIT_NAME_BYTES)),
                              ARG_MESSAGE("expects", expects)));
}
