import { SimpleGrid, Text } from '@mantine/core';

export interface Fact {
  readonly label: string;
  /** Null: not known, and not shown. */
  readonly value: string | null;
}

/** Names and values, side by side where there is room. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 4 }} spacing="md" m={0}>
      {facts.flatMap(({ label, value }) =>
        value === null
          ? []
          : [
              <div key={label}>
                <Text component="dt" size="sm" c="dimmed">
                  {label}
                </Text>
                <Text component="dd" m={0} fw={550}>
                  {value}
                </Text>
              </div>,
            ],
      )}
    </SimpleGrid>
  );
}
