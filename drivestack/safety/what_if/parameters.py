"""What the what-if check believes of others and of its own car, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.roads.ways import OnLanes


@dataclass(frozen=True, slots=True)
class Beliefs(OnLanes):
    """How others may go on.

    Attributes:
        own: a driver keeps so far from the middle of its lane [m]; our choice: a car of 2 m stays
        in a lane of 4 m.
        standing: speed [m/s] up to which nobody is taken to move.
        wander: standard deviation of the lateral speed of who keeps to its lane [m/s]; our choice.
        offset: standard deviation of its distance from the middle [m]; UN R157's human driver
        takes 0.375 m for wandering.
        early: by so much do drivers turn into a bend before or after it begins [s]; our choice.
        slight: lateral speed of who does not move aside [m/s]; our choice.
        fastest: lateral speed that is thought of [m/s]; the R157 grid has up to 1.7.
        least: likelihood of leaving from which on it is thought of; our choice.
        leaving: share of road users that leave their lane, before anything is seen of it.
        unsteady, loose: standard deviation of the yaw rate of who follows a way [rad/s], and what
        is added of the way's own yaw rate; our choice.
        cornering: lateral acceleration that drivers accept in bends [m/s2]; our choice: twice of
        what is called comfortable, and half of what highway-env's drivers do at junctions.
        slowing: standard deviation of braking for a bend [m/s2]; our choice.
        doubt: no way is less likely than by this factor; our choice.
        cutting: likelihood of cutting across lanes to a way that the own lane misses; our choice:
        only highway-env's drivers do so at all, on roundabouts, and can be seen to.
        surest: likelihood of leaving that is believed at the most; our choice: many turn back.
        growth: lateral acceleration from which on one is still turning in [m/s2].
        rising: for how long it turns in on [s].
        carried: for how long a present acceleration is carried on [s]; r157_what_if.md, 9.
        firm, most, rise: acceleration from which on that counts, and the most of braking and of
        gaining speed that is believed [m/s2]; `rise`: highway-env's comfortable acceleration.
        brake: of one who brakes all of a sudden [m/s2]; highway-env's traffic at the most.
        braking: the weight of that.
        stops: the weight of stopping, of who keeps to no lane; our choice.
        reaction, yields: of one who comes from behind [s], [m/s2]; RSS's response and brake.
    """

    own: float = 1.0
    standing: float = 0.1
    wander: float = 0.25
    offset: float = 0.375
    early: float = 0.2
    slight: float = 0.05
    fastest: float = 2.0
    leaving: float = 0.05
    least: float = 0.01
    surest: float = 0.9
    unsteady: float = 0.1
    loose: float = 0.2
    cornering: float = 4.0
    slowing: float = 1.5
    doubt: float = 0.02
    cutting: float = 0.03
    growth: float = 0.3
    rising: float = 0.5
    carried: float = 1.5
    firm: float = 0.5
    most: float = 6.0
    rise: float = 3.0
    brake: float = 6.0
    braking: float = 0.02
    stops: float = 0.2
    reaction: float = 1.0
    yields: float = 4.0


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the ego's own options are made of.

    Attributes:
        step: of the look ahead [s]. least, most: how long it is [s]; in between the time to a
        standstill and `beyond` [s] more.
        brake, most_gain: [m/s2], steer: [rad], turn: [rad/s]; the envelope's. ease, gain: of the
        milder options [m/s2]; comfortable, as in the proposers. stop: of a minimal-risk
        manoeuvre [m/s2]; the most that UN R157 allows (safety.md, 5).
        grip: lateral acceleration of an evasive manoeuvre [m/s2]; our choice: dry asphalt.
        look_time, look_least: pursuit distance [s] and [m]; as in the proposers.
        shift: inside the lane [m]. edge: to the lane's edge that is kept [m]; r157_what_if.md, 8.
        over: beyond its lane's edge the ego's body is out of it [m].
        follow: in which time a plan's speed is caught up with [s].
        clear_along, clear_aside: distances that an option must leave [m]. clear_time: so long ahead
        and behind as well [s]; our choice: a tick of control, by which anybody may be off.
    """

    step: float = 0.1
    least: float = 2.5
    most: float = 6.0
    beyond: float = 1.0
    brake: float = 8.0
    ease: float = 3.0
    stop: float = 4.0
    gain: float = 2.5
    most_gain: float = 4.0
    steer: float = 1.0471975511965976
    turn: float = 1.0
    grip: float = 5.0
    look_time: float = 0.6
    look_least: float = 4.0
    shift: float = 0.8
    edge: float = 0.1
    over: float = 0.1
    follow: float = 0.5
    clear_along: float = 0.3
    clear_time: float = 0.05
    clear_aside: float = 0.2


@dataclass(frozen=True, slots=True)
class Judgement:
    """When to act.

    Attributes:
        price: of a needless intervention, in collisions. harm: of a contact that would not have
        been without acting. severity: of an impact beside the collision's 1 [s/m].
        late: for how long waiting goes on before the next chance to act [s].
        release: likewise, for how long before it lets go [s].
        spare: more length than there is, while letting go is thought of [m].
        unforeseen: where waiting loses nothing, doing nothing ends well at least so often, whatever
        is foreseen; our choice: recorded drivers hardly ever meet what they seem to run into.
        worth: acting must save this much [collisions].
        persistence: ticks that must ask for it, those in which none does taken off. sure, brisk: so
        few are enough where a future this likely would cost something. patient: so many are needed
        in a junction for who goes the same way; our choice: half a second, as rows of cars that
        turn side by side keep to no lanes, and come near each other slowly. together: cosine
        between headings of who goes the same way; our choice: 60 degrees. alert: no more are
        counted; our choice: who has just acted for a second does so again at once for another.
    """

    price: float = 0.1
    harm: float = 2.0
    severity: float = 0.01
    standing: float = 0.5
    late: float = 0.3
    release: float = 0.4
    spare: float = 2.0
    unforeseen: float = 0.5
    worth: float = 0.01
    persistence: float = 4.0
    sure: float = 0.95
    brisk: float = 2.0
    patient: float = 10.0
    together: float = 0.5
    alert: float = 20.0
