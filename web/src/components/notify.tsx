import { notifications } from '@mantine/notifications';
import { IconAlertCircle, IconCheck } from '@tabler/icons-react';
import i18next from 'i18next';

/** Says for a moment that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'accent', icon: <IconCheck size={18} aria-hidden />, role: 'status' });
}

/** Says that something was not done; it stays until it is closed. */
export function notifyProblem(message: string): void {
  notifications.show({
    message,
    color: 'red.9',
    icon: <IconAlertCircle size={18} aria-hidden />,
    autoClose: false,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  });
}
