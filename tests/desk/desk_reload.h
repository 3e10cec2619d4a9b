/* tests/desk/desk_reload.h - a scene whose settings come from a file `.env` in its world and can be read again. */
#ifndef TD_TESTS_DESK_RELOAD_H
#define TD_TESTS_DESK_RELOAD_H

#include "desk/desk_scene.h"

static struct td_environ start_file;
static struct td_settings file_settings;
static struct td_reload reload;

static inline void put_env(const char *text, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&scene.desk_world, ".env", (struct td_str){text, len}, NULL));
}

static inline void put_text(const char *text)
{
    put_env(text, strlen(text));
}

/* After scene_open: the scene's settings are those of this file. What a test changes of them before the next call counts
 * as if it had come by options. */
static inline void read_settings(const char *text)
{
    struct td_fail why = {0};
    put_text(text);
    TD_OK_OR_FAIL(td_environ_load(&start_file, &scene.desk_world, ".env", &why));
    TD_OK_OR_FAIL(td_settings_load(&file_settings, &start_file, &why));
    td_settings_copy(&scene.settings, &file_settings);
}

/* The desk that starts next can read them again. */
static inline void open_reload(void)
{
    static struct td_user_settings user;
    struct td_fail why = {0};
    const struct td_reload_config config = {.world = &scene.desk_world,
                                            .environ = &start_file,
                                            .file = &file_settings,
                                            .started = &scene.settings,
                                            .user = &user};
    TD_OK_OR_FAIL(td_reload_open(&reload, &config, &why));
    scene.config.settings = td_reload_settings(&reload);
    scene.config.reload = &reload;
}

#endif
