/*
 * long os_clone3(struct clone_args *args, size_t size, int (*function)(void *), void *context);
 * The child has an empty stack, so it cannot return into C: it calls function(context) from here.
 * `svc` destroys x0 only.
 */
        .text
        .globl  os_clone3
        .hidden os_clone3
        .type   os_clone3, %function
os_clone3:
        .cfi_startproc
        hint    #34                     /* bti c */
        mov     x8, #435
        svc     #0
        cbz     x0, 1f
        ret
1:      .cfi_undefined x30
        mov     x29, #0
        mov     x0, x3
        blr     x2
        brk     #0
        .cfi_endproc
        .size   os_clone3, . - os_clone3
        .section .note.GNU-stack, "", %progbits
