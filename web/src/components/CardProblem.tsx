import { useCard } from '../client/card.ts';
import { isAway } from '../client/problem.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

/** Why the card could not be read. Where it was read before, that nothing answers is said above every screen already. */
export function CardProblem() {
  const { data, error, refetch } = useCard();
  if (data !== undefined && isAway(error)) return null;
  return <ProblemNotice error={error} onRetry={() => void refetch()} />;
}
