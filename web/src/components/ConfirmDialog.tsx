import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from './ProblemNotice.tsx';

export interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What will happen, said before it does. */
  readonly children: ReactNode;
  /** A verb: what the button does. */
  readonly confirmLabel: string;
  readonly danger?: boolean;
  readonly pending: boolean;
  /** Why the last try failed: the dialog stays open. */
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot simply be taken back. Escape and a click beside it change nothing. */
export function ConfirmDialog({ opened, title, children, confirmLabel, ...props }: ConfirmDialogProps) {
  const { t } = useTranslation();
  const { danger = false, pending, error, onConfirm, onClose } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="md">
        {children}
        <ProblemNotice error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('cancel')}
          </Button>
          <Button {...(danger ? { color: 'red.9' } : {})} loading={pending} onClick={onConfirm}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
