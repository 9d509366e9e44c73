/* Files that are sent as a form, by browsers without the script and by simple programs. */
#include "web/back/wizard.h"

#define PIECE_BYTES ((size_t)8 << 20)

static enum err keep_file(struct wizard *wizard, const struct form_item *item)
{
    struct call *call = wizard->call;
    struct upload upload;
    int64_t received = 0;
    struct new_upload wish = {.owner = call->actor->user,
                              .dataset = wizard->dataset->uid,
                              .name = item->file_name,
                              .bytes = (int64_t)item->value.n,
                              .bytes_most = call->app->upload_bytes_most};
    TRY(upload_create(call->scope, call->app->catalog, &wish, &upload));
    while (received < upload.bytes) {
        str piece = str_slice(item->value, (size_t)received, (size_t)received + PIECE_BYTES);
        TRY(upload_append(call->scope, call->app->catalog, upload.id, received, piece, &received));
    }
    return ERR_OK;
}

enum err wizard_source_file(struct call *call)
{
    struct wizard wizard;
    size_t kept = 0;
    TRY(wizard_open(call, &wizard));
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (item->is_file && (item->file_name.n || item->value.n)) {
            TRY(keep_file(&wizard, item));
            kept++;
        }
    }
    if (kept == 0) {
        return wizard_show_source(&wizard, office_say(call, MSG_BACKOFFICE_WIZARD_NO_FILE));
    }
    return office_done(call, wizard_address(&wizard, ""), MSG_BACKOFFICE_WIZARD_RECEIVED);
}
