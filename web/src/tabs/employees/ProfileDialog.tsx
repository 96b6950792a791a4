import { Group, Loader, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { profilesKey, searchProfiles, useLink } from '../../client/employees.ts';
import type { Employee, Profile } from '../../client/types.ts';
import { notifyDone } from '../../components/notify.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { SearchPicker, type PickerOption } from '../../components/SearchPicker.tsx';
import { useFormat } from '../../format.ts';

/** Picks the Factorial profile of an employee. A profile is one employee's at most. */
export function ProfileDialog({ employee, onClose }: { employee: Employee | null; onClose: () => void }) {
  const { t } = useTranslation('employees');
  const { t: common } = useTranslation();
  const { civilDate } = useFormat();
  const link = useLink();
  const name = employee?.name ?? '';

  function close(): void {
    link.reset();
    onClose();
  }

  function toOption({
    profileId,
    name: label,
    email,
    active,
    terminatedOn,
    linkedTo,
  }: Profile): PickerOption {
    const left =
      terminatedOn === null
        ? null
        : t(active ? 'picker.leaves' : 'picker.left', { date: civilDate(terminatedOn) });
    const option = {
      id: profileId,
      label,
      description: [email, left].filter((part) => part !== null).join(' · '),
    };
    if (linkedTo === null) return option;
    return linkedTo.employeeId === employee?.employeeId
      ? { ...option, disabled: t('picker.current') }
      : { ...option, disabled: t('picker.taken', { name: linkedTo.name }) };
  }

  function pick({ id: profileId, label: profile }: PickerOption): void {
    if (employee === null || link.isPending) return;
    link.mutate(
      { employeeId: employee.employeeId, profileId },
      {
        onSuccess: () => {
          notifyDone(t('linkedTo', { name, profile }));
          close();
        },
      },
    );
  }

  return (
    <Modal
      opened={employee !== null}
      onClose={close}
      title={t('picker.title', { name })}
      centered
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('picker.text')}
        </Text>
        <ProblemNotice error={link.error} />
        {link.isPending ? (
          <Group gap="xs" role="status">
            <Loader size="xs" aria-hidden />
            <Text size="sm">{t('picker.linking')}</Text>
          </Group>
        ) : null}
        <SearchPicker<Profile>
          label={t('picker.label')}
          queryKey={profilesKey}
          search={searchProfiles}
          toOption={toOption}
          onPick={pick}
        />
      </Stack>
    </Modal>
  );
}
