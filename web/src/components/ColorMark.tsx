/** The color of a kind of day. Its name always stands beside it. */
export function ColorMark({ color }: { color: string | null }) {
  return <span className="color-mark" style={{ background: color ?? 'transparent' }} aria-hidden />;
}
