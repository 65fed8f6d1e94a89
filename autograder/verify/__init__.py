"""The proof that an assignment's checks are worth something: `autograder verify NAME`.

Six claims, each in a module of its own, each a function that returns a sentence for every way in
which the claim fails:

    stubs            what students receive runs, raises NotImplementedError, and earns nothing
    reference        the reference solution earns all points, whatever inputs are drawn
    misconceptions   every known wrong answer is caught, named, and unlike the others
    right_answers    right answers in other styles earn all points and pass the visible checks
    leaks            the release contains no line of a solution
    mutants, trial   the checks tell generated mutants of the reference from the reference

`sweep.verify` runs them all in a pool of processes and returns a `Proof`.
"""
