import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly title: string;
  readonly text?: string;
  /** Where it is all that the screen has. */
  readonly isScreen?: boolean;
  readonly children?: ReactNode;
}

/** A place where nothing is yet: what it will be, and what to do for it. */
export function EmptyState({ title, text, isScreen = false, children }: EmptyStateProps) {
  return (
    <Stack className="surface" align="center" gap="sm" py={48} ta="center">
      <Title order={isScreen ? 1 : 2} size="h3">
        {title}
      </Title>
      {text === undefined ? null : (
        <Text c="dimmed" maw={480}>
          {text}
        </Text>
      )}
      {children}
    </Stack>
  );
}
