/** Milliseconds, comparable between processes of one machine. */
export const clock = (): number => performance.timeOrigin + performance.now();
