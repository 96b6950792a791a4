import { Input } from '@mantine/core';

/** A color, by the picker of the browser: made for keyboards and screen readers. */
export function ColorField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Input.Wrapper label={label}>
      <input
        type="color"
        className="color-field"
        aria-label={label}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value.toUpperCase())}
      />
    </Input.Wrapper>
  );
}
