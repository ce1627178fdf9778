//! Logistic regression with an L1 penalty by cyclic coordinate descent. In: which phrases stand in which comments, and
//! which comments carry the label. Out: a weight per phrase, most of them zero, and an intercept. Deterministic.

use super::candidates::Standing;

/// Weights in log odds.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// One for each phrase.
    pub(super) weights: Vec<f64>,
    /// Log odds of a comment in which no phrase stands.
    pub(super) intercept: f64,
}

/// Sweeps over all phrases, at most; those with weight zero are looked at in every tenth.
const SWEEPS: usize = 300;
const FULL_EVERY: usize = 10;
/// A sweep that moves no weight further than this is the last.
const STILL: f64 = 1e-3;
/// The logistic loss is nowhere more curved than this.
const MOST_CURVED: f64 = 0.25;

impl Model {
    /// Fits the given rows: minimises the sum of their logistic losses plus `penalty` times the sum of all |weights|.
    pub(super) fn fit(rows: &[usize], labels: &[bool], standing: &Standing, penalty: f64) -> Self {
        let columns = columns(rows, standing);
        let targets: Vec<f64> = rows.iter().map(|&row| if labels[row] { 1.0 } else { 0.0 }).collect();
        let mut model = Self { weights: vec![0.0; columns.len()], intercept: 0.0 };
        let mut sums = vec![0.0; rows.len()];
        for sweep in 0..SWEEPS {
            let full = sweep % FULL_EVERY == 0;
            let mut moved = model.move_intercept(&targets, &mut sums);
            for (phrase, column) in columns.iter().enumerate() {
                if full || model.weights[phrase] != 0.0 {
                    moved = f64::max(moved, model.move_weight(phrase, column, &targets, &mut sums, penalty));
                }
            }
            if full && moved < STILL {
                break;
            }
        }
        model
    }

    /// Moves the intercept so that as many of these rows are expected to carry the label as do: what the other rows are
    /// like is nobody's experience.
    pub(super) fn settle(&mut self, rows: &[usize], labels: &[bool], standing: &Standing) {
        let worth = |row: &usize| standing.rows[*row].iter().map(|&phrase| self.weights[phrase as usize]).sum::<f64>();
        let sums: Vec<f64> = rows.iter().map(worth).collect();
        let wanted = rows.iter().filter(|&&row| labels[row]).count() as f64;
        let (mut low, mut high) = (-20.0, 20.0);
        for _ in 0..50 {
            self.intercept = f64::midpoint(low, high);
            let expected: f64 = sums.iter().map(|sum| logistic(sum + self.intercept)).sum();
            if expected < wanted { low = self.intercept } else { high = self.intercept }
        }
    }

    fn move_intercept(&mut self, targets: &[f64], sums: &mut [f64]) -> f64 {
        let slope: f64 = targets.iter().zip(sums.iter()).map(|(target, sum)| logistic(*sum) - target).sum();
        let step = -slope / (MOST_CURVED * targets.len().max(1) as f64);
        self.intercept += step;
        for sum in sums {
            *sum += step;
        }
        step.abs()
    }

    /// One step on an upper bound of the loss, so it never overshoots.
    fn move_weight(&mut self, phrase: usize, column: &[u32], targets: &[f64], sums: &mut [f64], penalty: f64) -> f64 {
        if column.is_empty() {
            return 0.0;
        }
        let slope: f64 = column.iter().map(|&row| logistic(sums[row as usize]) - targets[row as usize]).sum();
        let curve = MOST_CURVED * column.len() as f64;
        let old = self.weights[phrase];
        let new = shrunk(old - slope / curve, penalty / curve);
        let step = new - old;
        if step != 0.0 {
            self.weights[phrase] = new;
            for &row in column {
                sums[row as usize] += step;
            }
        }
        step.abs()
    }
}

fn columns(rows: &[usize], standing: &Standing) -> Vec<Vec<u32>> {
    let mut columns = vec![Vec::new(); standing.phrases.len()];
    for (at, &row) in rows.iter().enumerate() {
        for &phrase in &standing.rows[row] {
            columns[phrase as usize].push(at as u32);
        }
    }
    columns
}

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Nearer to zero by so much, and never beyond it.
fn shrunk(value: f64, by: f64) -> f64 {
    value.signum() * (value.abs() - by).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_that_says_nothing_gets_no_weight_and_one_that_does_gets_its_sign() {
        let row = |phrases: &[u32]| phrases.to_vec();
        let rows: Vec<Vec<u32>> = (0..40).map(|n| if n % 2 == 0 { row(&[0, 2]) } else { row(&[1, 2]) }).collect();
        let standing = Standing { phrases: vec!["a".into(), "b".into(), "c".into()], rows, found: Vec::new() };
        let labels: Vec<bool> = (0..40).map(|n| n % 2 == 0).collect();
        let model = Model::fit(&(0..40).collect::<Vec<_>>(), &labels, &standing, 1.0);
        assert!(model.weights[0] > 1.0 && model.weights[1] < -1.0, "{model:?}");
        assert!(model.weights[2].abs() < 0.01, "{model:?}");
    }

    #[test]
    fn the_intercept_settles_on_how_many_of_the_rows_carry_the_label() {
        let standing = Standing { phrases: Vec::new(), rows: vec![Vec::new(); 20], found: Vec::new() };
        let labels: Vec<bool> = (0..20).map(|row| row < 5).collect();
        let mut model = Model { weights: Vec::new(), intercept: 3.0 };
        model.settle(&(0..10).collect::<Vec<_>>(), &labels, &standing);
        assert!(model.intercept.abs() < 0.01, "{model:?}");
    }

    #[test]
    fn a_heavy_penalty_leaves_only_the_intercept() {
        let rows = vec![vec![0], vec![], vec![], vec![]];
        let standing = Standing { phrases: vec!["a".into()], rows, found: Vec::new() };
        let model = Model::fit(&[0, 1, 2, 3], &[true, false, false, false], &standing, 100.0);
        assert_eq!(model.weights, [0.0]);
        assert!((logistic(model.intercept) - 0.25).abs() < 0.01, "{model:?}");
    }
}
