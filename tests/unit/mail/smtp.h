/* A mail relay of one thread, for tests: it takes what it is sent, or refuses, and remembers it. */
#ifndef TESTS_UNIT_MAIL_SMTP_H
#define TESTS_UNIT_MAIL_SMTP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "../check.h"

struct smtp {
    int listener;
    int port;
    bool refuses; /* recipients get 550 */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    char log[65536]; /* all lines of clients, CRLF as received */
    size_t n;
    int messages; /* taken */
    int clients;  /* served to their end */
};

static inline void smtp_say(int client, const char *line)
{
    ssize_t sent = send(client, line, strlen(line), MSG_NOSIGNAL);
    (void)sent;
}

static inline void smtp_serve(struct smtp *smtp, int client)
{
    FILE *in = fdopen(dup(client), "re");
    char line[2048];
    bool is_data = false;
    smtp_say(client, "220 relay ESMTP\r\n");
    while (in && fgets(line, sizeof(line), in)) {
        size_t n = strlen(line);
        pthread_mutex_lock(&smtp->mutex);
        if (smtp->n + n < sizeof(smtp->log)) {
            memcpy(smtp->log + smtp->n, line, n);
            smtp->n += n;
        }
        pthread_mutex_unlock(&smtp->mutex);
        if (is_data) {
            is_data = strcmp(line, ".\r\n") != 0;
            if (!is_data) {
                pthread_mutex_lock(&smtp->mutex);
                smtp->messages++;
                pthread_cond_broadcast(&smtp->changed);
                pthread_mutex_unlock(&smtp->mutex);
                smtp_say(client, "250 taken\r\n");
            }
        } else if (strncmp(line, "QUIT", 4) == 0) {
            smtp_say(client, "221 bye\r\n");
            break;
        } else if (strncmp(line, "DATA", 4) == 0) {
            is_data = true;
            smtp_say(client, "354 go on\r\n");
        } else if (strncmp(line, "RCPT", 4) == 0 && smtp->refuses) {
            smtp_say(client, "550 no such box\r\n");
        } else {
            smtp_say(client, "250 fine\r\n");
        }
    }
    if (in) {
        fclose(in);
    }
    close(client);
    pthread_mutex_lock(&smtp->mutex);
    smtp->clients++;
    pthread_cond_broadcast(&smtp->changed);
    pthread_mutex_unlock(&smtp->mutex);
}

static inline void *smtp_run(void *argument)
{
    struct smtp *smtp = argument;
    for (;;) {
        int client = accept(smtp->listener, NULL, NULL);
        if (client < 0) {
            return NULL;
        }
        smtp_serve(smtp, client);
    }
}

static inline void smtp_start(struct smtp *smtp)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(address);
    memset(smtp, 0, sizeof(*smtp));
    pthread_mutex_init(&smtp->mutex, NULL);
    pthread_cond_init(&smtp->changed, NULL);
    smtp->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(smtp->listener >= 0);
    assert_int_equal(bind(smtp->listener, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(smtp->listener, 8), 0);
    assert_int_equal(getsockname(smtp->listener, (struct sockaddr *)&address, &n), 0);
    smtp->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&smtp->thread, NULL, smtp_run, smtp), 0);
}

static inline void smtp_stop(struct smtp *smtp)
{
    shutdown(smtp->listener, SHUT_RDWR);
    pthread_join(smtp->thread, NULL);
    close(smtp->listener);
    pthread_cond_destroy(&smtp->changed);
    pthread_mutex_destroy(&smtp->mutex);
}

/** Waits until so many messages were taken; false after ten seconds. */
static inline bool smtp_await(struct smtp *smtp, int messages)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    bool in_time = true;
    pthread_mutex_lock(&smtp->mutex);
    while (smtp->messages < messages && in_time) {
        in_time = pthread_cond_timedwait(&smtp->changed, &smtp->mutex, &until) == 0;
    }
    in_time = smtp->messages >= messages;
    pthread_mutex_unlock(&smtp->mutex);
    return in_time;
}

#endif
