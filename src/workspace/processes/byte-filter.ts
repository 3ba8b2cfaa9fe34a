// Every byte of output passes through one of these on its way from a process to the disk: the place to take secrets out.

/** May keep back the beginning of something that it cannot judge yet. */
export interface ByteFilter {
  /** What may be written now. */
  push(bytes: Uint8Array): Uint8Array;
  /** What was kept back, when nothing more comes for now. */
  flush(): Uint8Array;
}
