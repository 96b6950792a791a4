import { Fieldset, NativeSelect, NumberInput, Radio, SimpleGrid, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../client/api.ts';
import { settingsQuery } from '../client/settings.ts';
import type { Settings } from '../client/types.ts';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { ProblemNotice } from '../components/ProblemNotice.tsx';
import { Section } from '../components/Section.tsx';
import { SaveBar } from './SaveBar.tsx';
import { createDraft } from './use-draft.ts';

const useSettingsDraft = createDraft<Settings>();

const weekDays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** As the API bounds them. */
const bounds = {
  horizonDaysBack: [0, 400],
  horizonDaysAhead: [1, 400],
  percent: [0, 100],
  count: [0, 1_000_000],
} as const;

/** Onboarding, the night, the horizon, the brake and the default week. */
export function SynchronizationSection() {
  const { t } = useTranslation('settings');
  const { data, error, refetch } = useQuery(settingsQuery);
  return (
    <Section title={t('sync.title')}>
      {data !== undefined ? (
        <SynchronizationForm stored={data} />
      ) : error === null ? (
        <LoadingRows rows={5} />
      ) : (
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      )}
    </Section>
  );
}

function SynchronizationForm({ stored }: { stored: Settings }) {
  const { t } = useTranslation('settings');
  const common = useTranslation().t;
  const queries = useQueryClient();
  const { value, change, isChanged, discard } = useSettingsDraft(stored);
  const saving = useMutation({
    mutationFn: async () => await answerOf(api.PUT('/api/integrations/factorial/settings', { body: value })),
    onSuccess: (saved) => {
      queries.setQueryData(settingsQuery.queryKey, saved);
      discard();
      notifications.show({ message: common('saved') });
    },
  });
  const { deletionBrake: brake, defaultWeekMinutes: week } = value;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <Radio.Group
          label={t('sync.onboarding')}
          value={value.onboarding}
          onChange={(chosen) => change({ onboarding: chosen === 'suggest' ? 'suggest' : 'create' })}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="create" label={t('sync.onboardingCreate')} />
            <Radio value="suggest" label={t('sync.onboardingSuggest')} />
          </Stack>
        </Radio.Group>
        <NativeSelect
          maw={320}
          label={t('sync.nightlyHour')}
          description={t('sync.nightlyHourHint')}
          value={String(value.nightlyHour)}
          onChange={({ currentTarget }) => change({ nightlyHour: Number(currentTarget.value) })}
          data={Array.from({ length: 24 }, (_, hour) => ({
            value: String(hour),
            label: `${String(hour).padStart(2, '0')}:00`,
          }))}
        />
        <Fieldset legend={t('sync.horizon')}>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <WholeNumber
              label={t('sync.horizonBack')}
              value={value.horizonDaysBack}
              range={bounds.horizonDaysBack}
              onChange={(horizonDaysBack) => change({ horizonDaysBack })}
            />
            <WholeNumber
              label={t('sync.horizonAhead')}
              value={value.horizonDaysAhead}
              range={bounds.horizonDaysAhead}
              onChange={(horizonDaysAhead) => change({ horizonDaysAhead })}
            />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={t('sync.brake')}>
          <Stack gap="sm">
            <p className="hint">{t('sync.brakeHint')}</p>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <WholeNumber
                label={t('sync.brakePercent')}
                value={brake.percent}
                range={bounds.percent}
                onChange={(percent) => change({ deletionBrake: { ...brake, percent } })}
              />
              <WholeNumber
                label={t('sync.brakeCount')}
                value={brake.count}
                range={bounds.count}
                onChange={(count) => change({ deletionBrake: { ...brake, count } })}
              />
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <Fieldset legend={t('sync.week')}>
          <Stack gap="sm">
            <p className="hint">{t('sync.weekHint')}</p>
            <SimpleGrid cols={{ base: 2, xs: 4, md: 7 }}>
              {weekDays.map((day, index) => (
                <Hours
                  key={day}
                  label={t(`sync.days.${day}`)}
                  minutes={week[index] ?? 0}
                  onChange={(minutes) => change({ defaultWeekMinutes: week.with(index, minutes) })}
                />
              ))}
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <ProblemNotice error={saving.error} />
        <SaveBar isChanged={isChanged} pending={saving.isPending} onDiscard={discard} />
      </Stack>
    </form>
  );
}

interface WholeNumberProps {
  readonly label: string;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly onChange: (value: number) => void;
}

/** Stays within its bounds: what is typed beyond them is brought back when one leaves it. */
function WholeNumber({ label, value, range: [min, max], onChange }: WholeNumberProps) {
  const { t } = useTranslation('settings');
  return (
    <NumberInput
      label={label}
      description={t('range', { min, max })}
      value={value}
      onChange={(typed) => typeof typed === 'number' && onChange(typed)}
      min={min}
      max={max}
      allowDecimal={false}
      allowNegative={false}
    />
  );
}

function Hours({
  label,
  minutes,
  onChange,
}: {
  label: string;
  minutes: number;
  onChange: (minutes: number) => void;
}) {
  return (
    <NumberInput
      label={label}
      value={minutes / 60}
      onChange={(typed) => typeof typed === 'number' && onChange(Math.round(typed * 60))}
      min={0}
      max={24}
      step={0.5}
      decimalScale={2}
      allowNegative={false}
      suffix=" h"
    />
  );
}
