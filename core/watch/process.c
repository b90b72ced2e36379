/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the processes that run a file, and detects their end. The real /proc is read, also for a simulated machine. Files are
 * compared by device and inode number, since the file of a path may have been replaced while a process still runs the old one. */

#include "core/watch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

struct process {
        pid_t pid;
        int pidfd;
        sd_event_source *source;
        process_end end;
        void *userdata;
};

static bool runs(int root_fd, uint32_t pid, dev_t device, ino_t inode) {
        struct stat st;
        char path[32];

        return TEXT_FORMAT(path, "proc/%u/exe", pid) >= 0 && fstatat(root_fd, path, &st, 0) >= 0 && st.st_ino == inode &&
               st.st_dev == device;
}

bool process_runs(pid_t pid, dev_t device, ino_t inode) {
        _cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        return root_fd >= 0 && pid > 0 && runs(root_fd, (uint32_t) pid, device, inode);
}

struct scan {
        int root_fd;
        dev_t device;
        ino_t inode;
        void (*each)(pid_t pid, void *userdata);
        void *userdata;
};

static int scan_one(const char *name, void *userdata) {
        struct scan *scan = userdata;
        uint32_t pid;

        if (parse_u32(name, &pid) >= 0 && runs(scan->root_fd, pid, scan->device, scan->inode))
                scan->each((pid_t) pid, scan->userdata);
        return 0;
}

int process_scan(dev_t device, ino_t inode, void (*each)(pid_t pid, void *userdata), void *userdata) {
        _cleanup_close_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct scan scan = { root_fd, device, inode, each, userdata };

        return root_fd < 0 ? -errno : attr_walk(root_fd, "proc", "", scan_one, &scan);
}

bool process_file_is_script(int fd) {
        char magic[2];

        return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && memcmp(magic, "#!", 2) == 0;
}

static int ended(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct process *process = userdata;

        (void) fd, (void) revents;
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
        process->end(process, process->userdata);
        return 0;
}

int process_new(sd_event *event, pid_t pid, process_end end, void *userdata, struct process **ret) {
        struct process *process = calloc(1, sizeof(*process));
        int r = 0;

        if (!process)
                return -ENOMEM;
        process->pid = pid;
        process->end = end;
        process->userdata = userdata;
        process->pidfd = (int) syscall(SYS_pidfd_open, pid, 0); /* glibc before 2.36 has no wrapper */
        if (process->pidfd < 0)
                r = -errno;
        if (r >= 0)
                r = sd_event_add_io(event, &process->source, process->pidfd, EPOLLIN, ended, process);
        if (r < 0) {
                (void) process_free(process);
                return r;
        }
        *ret = process;
        return 0;
}

struct process *process_free(struct process *process) {
        if (!process)
                return NULL;
        (void) sd_event_source_disable_unref(process->source);
        (void) close_fd(process->pidfd);
        free(process);
        return NULL;
}

pid_t process_pid(const struct process *process) {
        return process->pid;
}
