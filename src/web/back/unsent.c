/* What is typed into forms about a dataset and not sent yet: kept for who types it, and put back by the page's script. */
#include "base/json_write.h"
#include "web/back/routes.h"
#include "web/back/unsent.h"

static struct unsent_key key_of(struct call *call, const struct dataset *dataset, str form)
{
    return (struct unsent_key){.dataset = dataset->uid, .owner = call->actor->user, .form = form};
}

str unsent_address(struct call *call, const struct dataset *dataset)
{
    return office_dataset_address(call, dataset->id, "/unsent");
}

enum err unsent_sent(struct call *call, const struct dataset *dataset, str form)
{
    const struct unsent_key key = key_of(call, dataset, form);
    return unsent_forget(call->scope, call->app->catalog, &key);
}

static enum err answer(struct call *call, const struct unsent *unsent)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("values"));
    json_raw(&json, unsent->values.n ? unsent->values : S("null"));
    json_key_text(&json, S("notice"),
                  office_tell(call, MSG_BACKOFFICE_UNSENT_NOTICE,
                              ARG_TEXT("at", office_instant(call, unsent->changed, MESSAGE_NONE))));
    json_key_text(&json, S("discard"), office_say(call, MSG_BACKOFFICE_UNSENT_DISCARD));
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_unsent(struct call *call)
{
    const struct dataset *dataset;
    struct unsent unsent = {0};
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    if (!office_is_post(call)) {
        const struct unsent_key key = key_of(call, dataset, call_query(call, S("form")));
        TRY(unsent_find(call->scope, call->app->catalog, &key, &unsent));
        return answer(call, &unsent);
    }
    const struct unsent_key key = key_of(call, dataset, form_value(&call->form, S("form")));
    TRY(form_has(&call->form, S("forget")) ? unsent_forget(call->scope, call->app->catalog, &key)
                                           : unsent_keep(call->scope, call->app->catalog, &key,
                                                         form_value(&call->form, S("values"))));
    return answer(call, &unsent);
}
