/*
 * Signed receipts of the choice (cookies-and-privacy.md 3.6). The random id is shown once and kept
 * nowhere: the page hands the receipt back with its form of download, which takes nothing that we
 * did not sign.
 */
#include "base/date.h"
#include "web/front/privacy_pages.h"
#include "web/shell/headers.h"

#define RECEIPT_ID_SYMBOLS 22

struct receipt_page {
    bool chosen;
    str id, receipt; /* of a receipt just made; else empty */
    str public_key;
    usec chosen_on;
};

static const struct tpl_member receipt_members[] = {
    TPL_BOOL(struct receipt_page, chosen), TPL_TEXT(struct receipt_page, id),
    TPL_TEXT(struct receipt_page, receipt), TPL_TEXT(struct receipt_page, public_key),
    TPL_INSTANT(struct receipt_page, chosen_on)};
static const struct tpl_struct receipt_struct = TPL_STRUCT(struct receipt_page, receipt_members);
const struct tpl_binding receipt_template = {"front/receipt", &receipt_struct};

static void send_download(struct call *call, str json)
{
    struct buf body = {0};
    struct exchange *exchange = call->exchange;
    headers_common(exchange);
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), S("application/json; charset=utf-8"));
    response_header(exchange, S("Content-Disposition"),
                    S("attachment; filename=\"consent-receipt.json\""));
    response_header(exchange, S("Content-Security-Policy"),
                    S("default-src 'none'; frame-ancestors 'none'; sandbox"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    response_header(exchange, S("Referrer-Policy"), S("same-origin"));
    response_header(exchange, S("Cache-Control"), S("no-store"));
    buf_add(&body, json);
    response_body(exchange, &body);
}

static void send_page(struct call *call, str id, str receipt)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    receipt_public_key(call->app->privacy, key);
    struct receipt_page data = {.chosen = call->consent.chosen,
                                .id = id,
                                .receipt = receipt,
                                .public_key = base64_encode(&call->scope->arena, key, sizeof(key)),
                                .chosen_on =
                                    call->consent.chosen ? call->consent.day * USEC_DAY : 0};
    struct page page = {.title = MSG_RECEIPT_TITLE, .body = &receipt_template, .data = &data};
    page_send(call, &page);
}

static str make(struct call *call, str id)
{
    return receipt_make(call->scope, call->app->privacy, call->registry, &call->consent,
                        call->language, id);
}

enum err receipt_get(struct call *call)
{
    if (call->consent.chosen && str_eq(call_query(call, S("format")), S("json"))) {
        send_download(call, make(call, STR_NONE));
    } else {
        send_page(call, STR_NONE, STR_NONE);
    }
    return ERR_OK;
}

static enum err download_again(struct call *call, str receipt)
{
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    receipt_public_key(call->app->privacy, key);
    TRY(receipt_verify(call->scope, key, receipt, &summary));
    send_download(call, receipt);
    return ERR_OK;
}

enum err receipt_post(struct call *call)
{
    str given = form_value(&call->form, S("receipt"));
    if (given.n) {
        return download_again(call, given);
    }
    if (!call->consent.chosen) {
        send_page(call, STR_NONE, STR_NONE);
        return ERR_OK;
    }
    str id = random_text(&call->scope->arena, S("abcdefghijklmnopqrstuvwxyz0123456789"),
                         RECEIPT_ID_SYMBOLS);
    send_page(call, id, make(call, id));
    return ERR_OK;
}
