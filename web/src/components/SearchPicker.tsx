import { Combobox, Loader, Skeleton, Stack, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery, type QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListPage } from '../client/whole-list.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

export interface PickerOption {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Why it cannot be picked. */
  readonly disabled?: string;
}

export interface SearchPickerProps<Item> {
  readonly label: string;
  readonly queryKey: QueryKey;
  /** Asked again at each pause while typing. */
  readonly search: (query: string, signal: AbortSignal) => Promise<ListPage<Item>>;
  readonly toOption: (item: Item) => PickerOption;
  readonly onPick: (option: PickerOption) => void;
}

/** How long a pause in typing is, before it is searched. */
const pauseMs = 200;

/** Finds one of many by its name: a field, and below it the first matches, by keyboard as by pointer. */
export function SearchPicker<Item>({ label, queryKey, search, toOption, onPick }: SearchPickerProps<Item>) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [query] = useDebouncedValue(text.trim(), pauseMs);
  const combobox = useCombobox({ opened: true });
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: [...queryKey, 'search', query],
    queryFn: ({ signal }) => search(query, signal),
    placeholderData: keepPreviousData,
  });
  const options = data?.items.map(toOption) ?? [];
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const option = options.find((one) => one.id === id);
        if (option !== undefined) onPick(option);
      }}
    >
      <Stack gap="sm">
        <Combobox.EventsTarget withExpandedAttribute>
          <TextInput
            // oxlint-disable-next-line jsx-a11y/role-has-required-aria-props -- EventsTarget adds them
            role="combobox"
            aria-autocomplete="list"
            label={label}
            placeholder={t('picker.placeholder')}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={isFetching && data !== undefined ? <Loader size="xs" aria-hidden /> : null}
            value={text}
            autoComplete="off"
            data-autofocus
            onChange={({ currentTarget }) => {
              setText(currentTarget.value);
              combobox.resetSelectedOption();
            }}
          />
        </Combobox.EventsTarget>
        <ProblemNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null ? <LoadingOptions /> : null}
        <Combobox.Options className="picker-options" aria-label={label}>
          {options.map(({ id, label: name, description, disabled }) => (
            <Combobox.Option
              key={id}
              value={id}
              disabled={disabled !== undefined}
              aria-disabled={disabled !== undefined}
            >
              <Text size="sm" fw={500}>
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                {disabled ?? description}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        <Text size="sm" c="dimmed" role="status">
          {data === undefined ? '' : statusOf(options.length, data.nextCursor !== null)}
        </Text>
      </Stack>
    </Combobox>
  );

  function statusOf(count: number, hasMore: boolean): string {
    if (count === 0) return t('picker.nothing');
    return hasMore ? t('picker.more', { count }) : t('picker.found', { count });
  }
}

function LoadingOptions() {
  return (
    <Stack gap="xs" aria-busy="true">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={38} radius="sm" />
      ))}
    </Stack>
  );
}
