import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { parseHours } from './hours.ts';

export interface HoursFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Hours of a day as people type them; `parseHours` makes minutes of it. */
export function HoursField({ label, description, value, onChange }: HoursFieldProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={label}
      description={description}
      value={value}
      inputMode="decimal"
      autoComplete="off"
      error={value !== '' && parseHours(value) === null ? t('hours.invalid') : null}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      w={190}
    />
  );
}
