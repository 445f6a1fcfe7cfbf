// For User Mode Linux 6.1 on processors whose register state is larger than it knows.
//
// UML keeps 2696 bytes of it (HOST_FP_SIZE in arch/x86/um/user-offsets.c: all up to protection keys). The host takes a
// state back only whole (xstateregs_set in arch/x86/kernel/fpu/regset.c: EFAULT otherwise), and with AMX whole is
// 11008 bytes: UML's first program dies. Preloaded, this fills what is missing with zeroes, the initial state of
// registers that no guest uses, since none asks the host for AMX (arch_prctl ARCH_REQ_XCOMP_PERM).
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define NT_X86_XSTATE 0x202 // include/uapi/linux/elf.h

// Static, because UML calls from small stacks; from one thread only.
static char whole[65536];
static size_t whole_size;

static long write_registers(pid_t pid, void *type, struct iovec *part) {
  struct iovec all = {whole, sizeof whole};
  if (whole_size == 0) {
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, type, &all) != 0) return -1;
    whole_size = all.iov_len;
  }
  if (part->iov_len >= whole_size) return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, type, part);
  memcpy(whole, part->iov_base, part->iov_len);
  memset(whole + part->iov_len, 0, whole_size - part->iov_len);
  all.iov_len = whole_size;
  return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, type, &all);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list rest;
  va_start(rest, request);
  pid_t pid = va_arg(rest, pid_t);
  void *address = va_arg(rest, void *);
  void *data = va_arg(rest, void *);
  va_end(rest);
  if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE)
    return write_registers(pid, address, data);
  if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA && request != PTRACE_PEEKUSER)
    return syscall(SYS_ptrace, request, pid, address, data);
  // The system call stores the word that the function returns (ptrace(2), C library/kernel differences).
  long word;
  if (syscall(SYS_ptrace, request, pid, address, &word) < 0) return -1;
  errno = 0;
  return word;
}
